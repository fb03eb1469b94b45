/* Threads that take the next number from one counter until there is none left. */
#include "core/each.h"

#include <pthread.h>
#include <stdatomic.h>

struct crew {
	int (*job)(void *arg, size_t i, int worker);
	void *arg;
	size_t n;
	atomic_size_t next;
	atomic_int rc;
};

struct worker {
	struct crew *crew;
	int number;
	pthread_t thread;
};

static void *work(void *arg)
{
	const struct worker *w = arg;
	struct crew *crew = w->crew;

	while (atomic_load(&crew->rc) == 0) {
		size_t i = atomic_fetch_add(&crew->next, 1);
		int rc;

		if (i >= crew->n)
			break;
		rc = crew->job(crew->arg, i, w->number);
		if (rc < 0)
			atomic_store(&crew->rc, rc);
	}
	return NULL;
}

int qun_each(size_t n, int threads, int (*job)(void *arg, size_t i, int worker), void *arg)
{
	struct crew crew = {.job = job, .arg = arg, .n = n};
	struct worker worker[QUN_EACH_THREADS];
	int started = 1;

	if (threads > QUN_EACH_THREADS)
		threads = QUN_EACH_THREADS;
	worker[0] = (struct worker){.crew = &crew};
	for (; started < threads && (size_t)started < n; started++) {
		worker[started] = (struct worker){.crew = &crew, .number = started};
		if (pthread_create(&worker[started].thread, NULL, work, &worker[started]) != 0)
			break;
	}
	work(&worker[0]);
	for (int i = 1; i < started; i++)
		pthread_join(worker[i].thread, NULL);
	return atomic_load(&crew.rc);
}
