/*
 * Runs a command and appends one line to FILE: its exit status, wall seconds, CPU seconds of user
 * and system, and the peak resident size in KiB of the largest process of those it waited for.
 *
 *   timer FILE COMMAND [ARG]...
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	struct rusage use;
	double start, wall;
	int status, rc;
	pid_t pid;
	FILE *out;

	if (argc < 3) {
		fprintf(stderr, "usage: timer FILE COMMAND [ARG]...\n");
		return 2;
	}
	start = now();
	/* posix_spawn shares the timer's memory until exec, so that its pages are not counted as
	 * the command's. */
	rc = posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ);
	if (rc) {
		fprintf(stderr, "timer: %s: %s\n", argv[2], strerror(rc));
		return 127;
	}
	if (wait4(pid, &status, 0, &use) != pid)
		return 126;
	wall = now() - start;
	rc = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	out = fopen(argv[1], "a");
	if (!out ||
		fprintf(out, "%d %.6f %.6f %ld\n", rc, wall,
			seconds(use.ru_utime) + seconds(use.ru_stime), use.ru_maxrss) < 0 ||
		fclose(out))
		return 125;
	return rc;
}
