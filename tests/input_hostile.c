/* Sets of hostile files, read where they are there: none may crash or hang, and all must add up. */
#include "input_read.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *hostile(const char *name)
{
	static char path[512];
	const char *shared = getenv("QUN_SHARED");

	snprintf(path, sizeof(path), "%s/data/hostile/%s", shared ? shared : "../shared", name);
	return path;
}

/* y_ files are values, though not all of them records; n_ files are none. */
static bool verdict(const char *name, const struct read *r)
{
	/* by intention: blank input is empty input, documents may follow one another, keys neither repeat nor
	 * hold a NUL */
	static const char *const differs[] = {"n_structure_no_data.json", "n_structure_UTF8_BOM_no_data.json",
		"n_single_space.json", "n_structure_double_array.json", "y_object_duplicated_key.json",
		"y_object_duplicated_key_and_value.json", "y_object_escaped_null_in_key.json"};
	bool complained = r->rc < 0;

	for (size_t i = 0; i < sizeof(differs) / sizeof(*differs); i++) {
		if (strcmp(name, differs[i]) == 0)
			return true;
	}
	for (const char *p = r->bads.ptr; *p; p = strchr(p, ';') + 1) {
		const char *end = strchr(p, ';'), *object = strstr(p, "a record must be an object");
		complained |= name[0] == 'n' || ((!object || object > end) && !strstr(p, " nul "));
	}
	return name[0] == 'i' || complained == (name[0] == 'n');
}

static void test_folder(const char *folder, const struct qun_input_conf *conf, bool judged, int *files, int *wrong)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[1024];
		struct stat st;
		struct read r;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] == '.' || stat(path, &st) != 0)
			continue;
		if (S_ISDIR(st.st_mode)) {
			test_folder(path, conf, judged, files, wrong);
			continue;
		}
		read_path(&r, path, conf);
		++*files;
		bool good = (r.rc < 0 || adds_up(&r)) && (!judged || verdict(entry->d_name, &r));
		*wrong += !good;
		if (!good)
			printf("# %s: rc %d %s, read %" PRIu64 " bad %" PRIu64 ": %.300s\n", entry->d_name, r.rc, r.err.msg,
				r.n.read, r.n.bad, r.bads.ptr);
		read_release(&r);
	}
	if (dir)
		closedir(dir);
}

static void test_hostile(void)
{
	static const char *set[] = {"ts=2024-01-01", "user=u"};
	static const char *map[] = {"ts=1", "user=1"};
	const struct {
		const char *name;
		bool judged;
		struct qun_input_conf conf;
	} folders[] = {
		{"json_test_suite", true, {.from = "json", .set = {set, 2}}},
		{"json_test_suite", false, {0}},
		{"csv_spectrum", false, {.set = {set, 2}}},
		{"duckdb_csv", false, {.from = "csv", .set = {set, 2}}},
		{"duckdb_csv", false, {.from = "csv", .map = {map, 2}, .no_header = true}},
		{"zsv", false, {.from = "csv", .set = {set, 2}}},
		{"naughty_strings", false, {.set = {set, 2}}},
		{"gb18030", false, {0}},
	};

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		char path[512];
		int files = 0, wrong = 0;
		snprintf(path, sizeof(path), "%s", hostile(folders[i].name));
		test_folder(path, &folders[i].conf, folders[i].judged, &files, &wrong);
		if (!files)
			printf("ok %d - %s # SKIP not there\n", ++tests, folders[i].name);
		else
			ok(!wrong, folders[i].name);
		printf("# %d files\n", files);
	}
}

/* The same log in three encodings. */
static void test_encodings(void)
{
	static const char *const files[] = {"gb18030/funnel_zh.csv", "gb18030/funnel_zh.utf16le.csv",
		"gb18030/funnel_zh.utf8bom.csv"};
	struct read r[3];

	for (int i = 0; i < 3; i++) {
		const struct qun_input_conf conf = {0};
		if (access(hostile(files[i]), R_OK) != 0) {
			printf("ok %d - encodings # SKIP not there\n", ++tests);
			return;
		}
		read_path(&r[i], hostile(files[i]), &conf);
	}
	ok(r[0].rc == 0 && r[0].n.used > 0 && strcmp(r[0].text.ptr, r[1].text.ptr) == 0 &&
		strcmp(r[0].text.ptr, r[2].text.ptr) == 0, "one log in three encodings");
	if (r[0].rc < 0 || !r[0].n.used)
		printf("# rc %d %s\n", r[0].rc, r[0].err.msg);
	for (int i = 0; i < 3; i++)
		read_release(&r[i]);
}

int main(void)
{
	struct qun_err err = {0};

	if (qun_zone_open(&zone, "UTC", &err) < 0) {
		printf("Bail out! no zone\n");
		return 99;
	}
	test_encodings();
	test_hostile();
	qun_zone_close(zone);
	printf("1..%d\n", tests);
	return failures > 0;
}
