/*
 * kill -9 at every point of a run with --state: before and after each system call, and at random times.
 * Whenever it dies, the state is the old one or the new one to the byte, and the same command run again
 * ends well with the right table: nothing lost, nothing twice.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
enum { STEP = 11, AT_RANDOM = 10 }; /* ten times as slow, and nothing else to see */
#else
enum { STEP = 1, AT_RANDOM = 60 };
#endif

enum { MAX_ARGS = 12, RECORDS = 240, FILE_MAX_BYTES = 1 << 20 };

struct bytes {
	char *ptr;
	size_t len;
	bool there;
};

static int tests, failures;

static void ok(bool good, const char *what, long n)
{
	printf("%sok %d - %s: %ld\n", good ? "" : "not ", ++tests, what, n);
	failures += !good;
}

static void bail(const char *why)
{
	printf("Bail out! %s: %s\n", why, strerror(errno));
	exit(99);
}

static struct bytes take(const char *path)
{
	struct bytes b = {malloc(FILE_MAX_BYTES), 0, false};
	int fd = open(path, O_RDONLY);

	if (!b.ptr)
		bail("no memory");
	if (fd < 0)
		return b;
	b.there = true;
	b.len = (size_t)read(fd, b.ptr, FILE_MAX_BYTES);
	close(fd);
	return b;
}

static void put(const char *path, const struct bytes *b)
{
	int fd;

	unlink(path);
	if (!b->there)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, b->ptr, b->len) != (ssize_t)b->len || close(fd) < 0)
		bail("cannot write a file");
}

static bool same(const struct bytes *a, const struct bytes *b)
{
	return a->there == b->there && a->len == b->len && memcmp(a->ptr, b->ptr, a->len) == 0;
}

static bool is_file(const char *path, const struct bytes *b)
{
	struct bytes now = take(path);
	bool yes = same(&now, b);

	free(now.ptr);
	return yes;
}

/* Starts the program with its table going to a file; traced, it stops before it begins. */
static pid_t start(const char *const *argv, bool traced)
{
	pid_t pid = fork();

	if (pid < 0)
		bail("fork");
	if (pid == 0) {
		int in = open("/dev/null", O_RDONLY), out = open("table", O_WRONLY | O_CREAT | O_TRUNC, 0600);
		int err = open("said", O_WRONLY | O_CREAT | O_TRUNC, 0600);

		if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
			_exit(98);
		if (traced && ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(97);
		execv(argv[0], (char *const *)argv);
		_exit(96);
	}
	return pid;
}

static int finish(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			bail("waitpid");
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int run(const char *const *argv)
{
	return finish(start(argv, false));
}

/* Runs it up to its nth stop at a system call and kills it there; the number of stops if it came to its end. */
static long kill_at(const char *const *argv, long n)
{
	pid_t pid = start(argv, true);
	int status;

	if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
		return -1;
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
	for (long at = 0;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0 || waitpid(pid, &status, 0) < 0)
			return -1;
		if (!WIFSTOPPED(status))
			return at;
		if (++at == n) {
			kill(pid, SIGKILL);
			finish(pid);
			return 0;
		}
	}
}

/* A scenario: the state before, a command, and what it makes of it. */
struct scene {
	const char *name;
	const char *argv[MAX_ARGS];
	int again; /* status of the command when its state is there already */
	int step;  /* from one point to the next */
	struct bytes before, after, table;
	bool exact; /* the new state has the same bytes each time */
	long kills, wrong, lost;
};

static void prepare(struct scene *s)
{
	put("state", &s->before);
	if (run(s->argv) != 0)
		bail(s->name);
	s->after = take("state");
	s->table = take("table");
	s->exact = s->before.there;
}

/* The run was killed: is all well? */
static void look(struct scene *s)
{
	struct bytes now = take("state");
	bool old = same(&now, &s->before), new = s->exact ? same(&now, &s->after) : now.there;
	int status;

	s->kills++;
	s->wrong += !old && !new;
	status = run(s->argv);
	if (status != (old ? 0 : s->again) || (status == 0 && !is_file("table", &s->table)) ||
		(s->exact && !is_file("state", &s->after)) || access("state.new", F_OK) == 0)
		s->lost++;
	free(now.ptr);
}

static void every_call(struct scene *s)
{
	long stops;

	put("state", &s->before);
	stops = kill_at(s->argv, -1);
	for (long n = 1; n <= stops; n += STEP * s->step) {
		put("state", &s->before);
		if (kill_at(s->argv, n) < 0)
			bail("ptrace");
		look(s);
	}
	/* a run that was killed may need a call more or less the next time */
	ok(s->kills >= stops / (STEP * s->step), "points hit", s->kills);
}

static void at_random(struct scene *s)
{
	struct timespec from, to;
	double took;

	put("state", &s->before);
	clock_gettime(CLOCK_MONOTONIC, &from);
	run(s->argv);
	clock_gettime(CLOCK_MONOTONIC, &to);
	took = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	srandom(1);
	for (int i = 0; i < AT_RANDOM; i++) {
		struct timespec pause = {0, (long)(took * (double)random() / RAND_MAX * 1e9) % 1000000000};
		pid_t pid;

		put("state", &s->before);
		pid = start(s->argv, false);
		nanosleep(&pause, NULL);
		kill(pid, SIGKILL);
		finish(pid);
		look(s);
	}
}

static void write_log(const char *path, int from, int to)
{
	FILE *f = fopen(path, "w");

	if (!f)
		bail("cannot write a log");
	fputs("ts,group,user,type,amount,order_id\n", f);
	for (int i = from; i < to; i++)
		fprintf(f, "2026-03-%02d %02d:00:00,g%d,u%d,%s,%d.50,o%d\n", 1 + i / 24, i % 24, i % 3, i % 17,
			i % 2 ? "order" : "message", i, i);
	if (fclose(f) != 0)
		bail("cannot write a log");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

int main(void)
{
	const char *build = getenv("QUN_BUILD");
	char tool[4096], dir[64];
	long kills = 0;

	if (!realpath(build ? build : "build/release", tool) || strlen(tool) > sizeof(tool) - 32)
		bail("no build");
	strcat(tool, "/bin/repurchase");
	snprintf(dir, sizeof(dir), "%s/qun-kill-%s", P_tmpdir, "XX" "XX" "XX");
	if (!mkdtemp(dir) || chdir(dir) < 0)
		bail("no scratch folder");
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* it cannot look for them in a traced process */
	setenv("QUN_TZ", "UTC", 1);
	setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	write_log("1.csv", 0, RECORDS / 2);
	write_log("2.csv", RECORDS / 2, RECORDS);
	write_log("both.csv", 0, RECORDS);

	struct scene scene[] = {
		{.name = "a first run", .argv = {tool, "-q", "--state", "state", "1.csv"}, .step = 1},
		{.name = "a second one", .argv = {tool, "-q", "--state", "state", "2.csv"}, .step = 1},
		{.name = "a file that has grown", .argv = {tool, "-q", "--state", "state", "both.csv"}, .step = 2},
		{.name = "a person who is forgotten", .argv = {tool, "--state", "state", "--forget", "u3"}, .again = 1, .step = 2},
	};
	enum { SCENES = sizeof(scene) / sizeof(*scene) };

	if (kill_at(scene[0].argv, -1) <= 0) {
		puts("1..0 # SKIP processes cannot be traced here");
		return 0;
	}
	for (int i = 0; i < SCENES; i++) {
		struct scene *s = &scene[i];

		s->before = i ? scene[0].after : (struct bytes){malloc(1), 0, false};
		prepare(s);
		every_call(s);
		at_random(s);
		ok(s->wrong == 0, s->name, s->kills);
		ok(s->lost == 0, "and run again, right to the byte", s->lost);
		kills += s->kills;
	}
	ok(STEP > 1 || kills >= 1000, "kills in all", kills);
	free(scene[0].before.ptr); /* of the others it is what the first one left */
	for (int i = 0; i < SCENES; i++) {
		free(scene[i].after.ptr);
		free(scene[i].table.ptr);
	}
	printf("1..%d\n", tests);
	if (chdir("/") < 0 || nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS) < 0)
		bail("cannot clean up");
	return failures != 0;
}
