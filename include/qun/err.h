/*
 * Errors: library functions that can fail return 0 or a negative QUN_E… code and fill a
 * caller-owned struct qun_err. The library never prints, exits or aborts.
 */
#ifndef QUN_ERR_H
#define QUN_ERR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum qun_code {
	QUN_ENOMEM = -1,    /* an allocation failed */
	QUN_EIO = -2,       /* a system call failed; sys holds errno */
	QUN_EDATA = -3,     /* the input is not acceptable */
	QUN_EUSAGE = -4,    /* an option, predicate or field name is wrong */
	QUN_ELIMIT = -5,    /* a stated maximum was exceeded */
	QUN_EOVERFLOW = -6, /* a number does not fit; nothing was changed */
	QUN_ESTATE = -7,    /* a saved state is damaged or made with other options */
	QUN_ELOCK = -8,     /* the state is locked by another run */
};

/* What went wrong, and where. Zero line, column or offset means "not known". */
struct qun_err {
	int code;
	int sys;         /* errno where code is QUN_EIO, else 0 */
	char file[256];  /* input name as the user gave it, "" if none */
	uint64_t record; /* 1-based */
	uint64_t line;   /* 1-based physical line */
	uint64_t column; /* 1-based byte in the line */
	char msg[768];   /* one sentence, no trailing newline; may hold hostile bytes */
};

#if defined(__GNUC__)
#define QUN_PRINTF(a, b) __attribute__((format(printf, a, b)))
#else
#define QUN_PRINTF(a, b)
#endif

/* Fills code and msg (file and position stay), returns code. err may be NULL. */
int qun_fail(struct qun_err *err, int code, const char *fmt, ...) QUN_PRINTF(3, 4);

/* The same for a failed system call: QUN_EIO with the current errno. */
int qun_fail_sys(struct qun_err *err, const char *fmt, ...) QUN_PRINTF(2, 3);

/* QUN_ENOMEM with its sentence. */
int qun_fail_mem(struct qun_err *err);

#ifdef __cplusplus
}
#endif
#endif
