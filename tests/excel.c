/*
 * CSV for spreadsheets: whatever stands before a formula's sign in a cell, it is led by '. Random
 * texts of dangerous parts: no cell begins a formula, none holds a control character but LF.
 */
#include <stdio.h>
#include <string.h>

#include "qun/write.h"
#include "xorshift.h"

static int tests, failures;

static void check(bool ok, const char *what, struct qun_span text)
{
	tests++;
	if (ok || ++failures > 20)
		return;
	printf("# %s:", what);
	for (size_t i = 0; i < text.len; i++)
		printf(" %02x", (unsigned char)text.ptr[i]);
	printf("\n");
}

static uint64_t seed = XORSHIFT_SEED;

static unsigned rnd(unsigned n)
{
	return (unsigned)(xorshift(&seed) >> 33) % n;
}

static void test_cell(struct qun_span text, const char *want, size_t len)
{
	struct qun_buf out = {0};
	bool ok = qun_excel_line(&out, text) == 0 && out.len == len && memcmp(out.ptr, want, len) == 0;

	check(ok, "another cell for", text);
	qun_buf_release(&out);
}

#define CELL(text, want) test_cell((struct qun_span){text, sizeof(text) - 1}, want "\r\n", sizeof(want "\r\n") - 1)

static void test_known(void)
{
	CELL("", "\"\"");
	CELL("ann", "\"ann\"");
	CELL("a\nb", "\"a\nb\"");
	CELL("\t=1", "\"'\\x09=1\"");
	CELL("\r=1", "\"'\\x0d=1\"");
	CELL("\n=1", "\"'\n=1\"");
	CELL("\tann", "\"'\\x09ann\"");
	CELL("\0=1", "\"'\\x00=1\"");
	CELL("\xff=1", "\"'\\xff=1\"");
	CELL("  =1", "\"'  =1\"");
	CELL("\xe2\x80\x8b=1", "\"'\\u{200b}=1\"");
	CELL("\xef\xbb\xbf=1", "\"'\\u{feff}=1\"");
	CELL("\xef\xbc\x9d" "1", "\"'\xef\xbc\x9d" "1\"");
	CELL("a=1", "\"a=1\"");
	CELL("5\" disk", "\"5\"\" disk\"");
	CELL("12345678901", "\"12345678901\"");
	CELL("123456789012", "\"'123456789012\"");
	CELL("0", "\"0\"");
	CELL("01", "\"'01\"");
	CELL("1.50", "\"'1.50\"");
	CELL("2026-01-05", "\"'2026-01-05\"");
	CELL("12:30", "\"'12:30\"");
	CELL("1e5", "\"'1e5\"");
	CELL("1a5", "\"1a5\"");
	CELL("fAlse", "\"'fAlse\"");
	CELL("falsehood", "\"falsehood\"");
}

static void test_random(void)
{
	static const struct qun_span part[] = {{"=", 1}, {"+", 1}, {"-", 1}, {"@", 1}, {"|", 1}, {"\t", 1}, {"\r", 1},
		{"\n", 1}, {"", 1}, {"\x1b", 1}, {" ", 1}, {"\xe3\x80\x80", 3}, {"\xe2\x80\x8b", 3}, {"\xe2\x80\xae", 3},
		{"\xef\xbb\xbf", 3}, {"\xff", 1}, {"a", 1}, {"\"", 1}, {"'", 1}, {"\xc2\x85", 2}, {"7", 1},
		{"\xef\xbc\x8b", 3}};

	for (int i = 0; i < 20000; i++) {
		struct qun_buf text = {0}, out = {0};
		const char *at;
		bool clean = true;

		for (unsigned n = 1 + rnd(6); n; n--)
			qun_buf_add_span(&text, part[rnd(sizeof(part) / sizeof(*part))]);
		qun_excel_line(&out, qun_buf_span(&text));
		for (size_t k = 0; k + 2 < out.len; k++)
			clean &= (unsigned char)out.ptr[k] >= 0x20 || out.ptr[k] == '\n';
		check(clean, "a control character is left", qun_buf_span(&text));
		at = out.ptr + 1;
		at += strspn(at, " \n");
		check(!strchr("=+-@|", *at), "a formula", qun_buf_span(&text));
		check(strncmp(at, "\xe3\x80\x80=", 4) != 0 && strncmp(at, "\xef\xbc\x8b", 3) != 0, "a wide formula",
			qun_buf_span(&text));
		qun_buf_release(&text);
		qun_buf_release(&out);
	}
}

int main(void)
{
	test_known();
	test_random();
	printf("%s 1 - cells for spreadsheets: %d checks, %d failed\n1..1\n", failures ? "not ok" : "ok", tests, failures);
	return failures != 0;
}
