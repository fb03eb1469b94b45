/*
 * The life of a state file. The lock is a file of its own, for the state's changes with every run; the
 * new state is written beside the old one, under one name that only who has the lock may use, so that
 * what a killed run left is found and removed.
 */
#include "qun/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS = 40 };

struct qun_state {
	struct qun_buf path, lock, new; /* NUL-ended */
	int fd; /* of the lock, -1: none */
	bool exists;
	struct qun_buf plain;
	struct qun_span part[QUN_STATE_PARTS];
};

/* Length of the folder's name with its slash. */
static size_t folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Follows symbolic links, also one that leads to no file yet: the new state must lie beside the old. */
static int follow(struct qun_buf *path)
{
	char target[4096];

	for (int i = 0; i < LINKS; i++) {
		ssize_t n = readlink(path->ptr, target, sizeof(target));

		if (n < 0)
			return 0; /* no link, or nothing there */
		if (n == sizeof(target))
			break;
		path->len = target[0] == '/' ? 0 : folder_len(path->ptr);
		if (qun_buf_add(path, target, (size_t)n) < 0 || qun_buf_add_char(path, '\0') < 0)
			return QUN_ENOMEM;
	}
	errno = ELOOP;
	return QUN_EIO;
}

static int make_names(struct qun_state *s, const char *path)
{
	int rc = qun_buf_add(&s->path, path, strlen(path) + 1);

	if (rc == 0)
		rc = follow(&s->path);
	if (rc == 0)
		rc = qun_buf_printf(&s->lock, "%s.lock%c", s->path.ptr, '\0');
	return rc < 0 ? rc : qun_buf_printf(&s->new, "%s.new%c", s->path.ptr, '\0');
}

static int take_lock(struct qun_state *s, bool wait, struct qun_err *err)
{
	int rc;

	s->fd = open(s->lock.ptr, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->fd < 0)
		return qun_fail_sys(err, "cannot make the lock '%.300s'", s->lock.ptr);
	do
		rc = flock(s->fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
	while (rc < 0 && errno == EINTR);
	if (rc < 0 && errno == EWOULDBLOCK)
		return qun_fail(err, QUN_ELOCK, "another run has the state");
	return rc < 0 ? qun_fail_sys(err, "cannot lock '%.300s'", s->lock.ptr) : 0;
}

static int read_all(int fd, struct qun_buf *out, struct qun_err *err)
{
	struct stat st;
	ssize_t n = 1;

	if (fstat(fd, &st) < 0)
		return qun_fail_sys(err, "cannot read the state");
	if (!S_ISREG(st.st_mode))
		return qun_fail(err, QUN_ESTATE, "this is no file, which a state must be");
	while (n > 0) {
		if (qun_buf_reserve(out, (out->len < (size_t)st.st_size ? (size_t)st.st_size - out->len : 0) + 1) < 0)
			return qun_fail_mem(err);
		do
			n = read(fd, out->ptr + out->len, out->cap - out->len);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return qun_fail_sys(err, "cannot read the state");
		out->len += (size_t)n;
	}
	return 0;
}

static int read_state(struct qun_state *s, struct qun_err *err)
{
	struct qun_buf bytes = {0};
	/* not to hang on a FIFO */
	int fd = open(s->path.ptr, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), rc;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return qun_fail_sys(err, "cannot open the state");
	s->exists = true;
	rc = read_all(fd, &bytes, err);
	close(fd);
	if (rc == 0)
		rc = qun_state_unpack(qun_buf_span(&bytes), &s->plain, s->part, err);
	qun_buf_release(&bytes);
	return rc;
}

int qun_state_open(struct qun_state **out, const char *path, bool wait, struct qun_err *err)
{
	struct qun_state *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return qun_fail_mem(err);
	s->fd = -1;
	snprintf(err->file, sizeof(err->file), "%s", path);
	rc = make_names(s, path);
	if (rc < 0)
		rc = rc == QUN_EIO ? qun_fail_sys(err, "cannot open the state") : qun_fail_mem(err);
	if (rc == 0)
		rc = take_lock(s, wait, err);
	if (rc == 0)
		rc = read_state(s, err);
	if (rc == 0 && unlink(s->new.ptr) < 0 && errno != ENOENT)
		rc = qun_fail_sys(err, "cannot remove '%.300s'", s->new.ptr);
	if (rc < 0)
		qun_state_close(s);
	else
		*out = s;
	return rc;
}

bool qun_state_is_new(const struct qun_state *s)
{
	return !s->exists;
}

struct qun_span qun_state_part(const struct qun_state *s, enum qun_state_part part)
{
	return s->part[part];
}

void qun_state_drop(struct qun_state *s)
{
	qun_buf_release(&s->plain);
	memset(s->part, 0, sizeof(s->part));
}

static int write_all(int fd, struct qun_span s)
{
	while (s.len) {
		ssize_t n = write(fd, s.ptr, s.len);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			s.ptr += n;
			s.len -= (size_t)n;
		}
	}
	return 0;
}

/* A new file with these bytes, on the disk when this returns 0. */
static int write_new(const char *path, struct qun_span bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), rc;

	if (fd < 0)
		return -1;
	rc = write_all(fd, bytes);
	if (rc == 0)
		rc = fsync(fd);
	/* close may fail where write did not, and the reason counts that came first */
	if (rc < 0) {
		int sys = errno;

		close(fd);
		errno = sys;
		return -1;
	}
	return close(fd);
}

static int sync_folder(const char *path)
{
	struct qun_buf folder = {0};
	int fd, rc;

	if (qun_buf_add(&folder, path, folder_len(path)) < 0 ||
		qun_buf_printf(&folder, ".%c", '\0') < 0) {
		errno = ENOMEM;
		return -1;
	}
	fd = open(folder.ptr, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	qun_buf_release(&folder);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	if (rc < 0 && errno == EINVAL)
		rc = 0; /* a file system that knows no such thing */
	close(fd);
	return rc;
}

int qun_state_replace(struct qun_state *s, const struct qun_span part[QUN_STATE_PARTS], struct qun_err *err)
{
	struct qun_buf bytes = {0};
	int rc = qun_state_pack(part, &bytes, err);

	if (rc == 0 && (write_new(s->new.ptr, qun_buf_span(&bytes)) < 0 || rename(s->new.ptr, s->path.ptr) < 0)) {
		rc = qun_fail_sys(err, "cannot write the state, which is left as it was");
		unlink(s->new.ptr);
	}
	if (rc == 0 && sync_folder(s->path.ptr) < 0)
		rc = qun_fail_sys(err, "the new state is written, but may not survive a power cut");
	qun_buf_release(&bytes);
	return rc;
}

void qun_state_close(struct qun_state *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd); /* and the lock with it */
	qun_buf_release(&s->path);
	qun_buf_release(&s->lock);
	qun_buf_release(&s->new);
	qun_buf_release(&s->plain);
	free(s);
}
