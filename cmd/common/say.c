/*
 * The edges of a process: descriptors, language, messages and the checked end of stdout. Names and
 * messages of a chat are hostile text, so everything said goes through one escaping function.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "common/tool.h"
#include "qun/utf8.h"

/* jansson mistakes a failed allocation for success, so none may fail (trust, F1). */
static void *must_alloc(size_t size)
{
	static const char text[] = "out of memory\n";
	void *p = malloc(size);

	if (!p) {
		if (write(2, text, sizeof(text) - 1) < 0)
			_exit(EXIT_DATA);
		_exit(EXIT_DATA);
	}
	return p;
}

/* A closed descriptor would be handed to the next file opened, and a report written into it. */
static void open_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
			/* The wrong direction on purpose: using it fails instead of losing data. */
			if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
				_exit(EXIT_DATA);
		}
	}
}

bool tool_share(char *path, size_t size, const char *dir, const char *name)
{
	size_t tail = strlen(dir) + strlen(name) + 1;
	ssize_t n = tail < size ? readlink("/proc/self/exe", path, size - tail) : -1;

	if (n == (ssize_t)(size - tail))
		n = -1; /* cut off */
	for (int up = 0; n > 0 && up < 2; up++) {
		while (n > 0 && path[n - 1] != '/')
			n--;
		n -= n > 0;
	}
	if (n <= 0)
		return false;
	memcpy(path + n, dir, strlen(dir));
	memcpy(path + (size_t)n + strlen(dir), name, strlen(name) + 1);
	return true;
}

/* The catalogue lies beside the program: BIN/../share/locale, installed or not. */
static void set_language(void)
{
	char path[4096];
	const char *asked = getenv("LC_ALL");

	if (!asked || !*asked)
		asked = getenv("LC_MESSAGES");
	if (!asked || !*asked)
		asked = getenv("LANG");
	/* Small systems have no zh_CN locale; the catalogue needs only some UTF-8 one. */
	if (!setlocale(LC_MESSAGES, "") && asked && strncmp(asked, "zh", 2) == 0 &&
		setlocale(LC_MESSAGES, "C.UTF-8"))
		setenv("LANGUAGE", strncmp(asked, "zh_TW", 5) == 0 ? "zh_TW:zh_CN" : "zh_CN", 0);
	if (!tool_share(path, sizeof(path), "/share/locale", ""))
		return;
	bindtextdomain("quntools", path);
	bind_textdomain_codeset("quntools", "UTF-8");
	textdomain("quntools");
}

void tool_start(void)
{
	open_descriptors();
	signal(SIGXFSZ, SIG_IGN);
	json_set_alloc_funcs(must_alloc, free);
	set_language();
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

static bool stderr_failed; /* said at the end by the exit status: there is no other place left */

static void say_line(const char *name, const char *fmt, va_list args)
{
	struct qun_buf line = {0};
	char *text = NULL;
	int n = vasprintf(&text, fmt, args);

	if (n >= 0) {
		if (name)
			qun_buf_printf(&line, "%s: ", name);
		qun_utf8_show(&line, (struct qun_span){text, (size_t)n});
		qun_buf_add_char(&line, '\n');
		tool_progress_wipe();
		if (write_all(2, line.ptr, line.len) < 0)
			stderr_failed = true;
	}
	free(text);
	qun_buf_release(&line);
}

void tool_say(const struct tool *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_line(t->name, fmt, args);
	va_end(args);
}

void tool_warn(const struct tool *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (!t->opt.quiet)
		say_line(t->name, fmt, args);
	va_end(args);
}

void tool_say_plain(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say_line(NULL, fmt, args);
	va_end(args);
}

void tool_no_memory(const struct tool *t)
{
	if (t->opt.max_mem)
		tool_say(t, _("out of memory: --max-mem %lld is too little for this input"), (long long)t->opt.max_mem);
	else
		tool_say(t, _("out of memory"));
}

int tool_say_err(const struct tool *t, const struct qun_err *err)
{
	struct qun_buf place = {0};

	if (err->file[0])
		qun_buf_add_text(&place, err->file);
	if (err->line)
		qun_buf_printf(&place, ":%llu", (unsigned long long)err->line);
	if (err->line && err->column)
		qun_buf_printf(&place, ":%llu", (unsigned long long)err->column);
	if (place.len)
		qun_buf_add_text(&place, ": ");
	qun_buf_add_char(&place, '\0');
	if (err->code == QUN_ENOMEM)
		tool_no_memory(t);
	else if (err->code == QUN_EIO && err->sys)
		tool_say(t, "%s%s: %s", place.ptr, err->msg, strerror(err->sys));
	else
		tool_say(t, "%s%s", place.ptr ? place.ptr : "", err->msg);
	qun_buf_release(&place);
	if (err->code == QUN_EUSAGE)
		return EXIT_USAGE;
	return err->code == QUN_ELOCK ? EXIT_LOCKED : EXIT_DATA;
}

int tool_write(const struct tool *t, struct qun_buf *out)
{
	if (write_all(1, out->ptr, out->len) < 0) {
		tool_say(t, _("cannot write to standard output: %s"), strerror(errno));
		return EXIT_DATA;
	}
	qun_buf_clear(out);
	return 0;
}

int tool_close(const struct tool *t, int status)
{
	/* A stdout that was closed from the start is no error while nothing was written to it. */
	if (close(1) < 0 && errno != EBADF) {
		tool_say(t, _("cannot write to standard output: %s"), strerror(errno));
		status = EXIT_DATA;
	}
	/* whoever opens a file next must not get fd 1, and what somebody still prints */
	if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 && status == 0)
		status = EXIT_DATA;
	return stderr_failed && status == 0 ? EXIT_DATA : status;
}
