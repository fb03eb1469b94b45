/* Errors are filled in place by the function that notices them; callers add file and line. */
#include "qun/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static void err_put(struct qun_err *err, int code, int sys, const char *fmt, va_list ap)
{
	if (!err)
		return;
	err->code = code;
	err->sys = sys;
	if (vsnprintf(err->msg, sizeof(err->msg), fmt, ap) < 0)
		err->msg[0] = '\0';
}

int qun_fail(struct qun_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_put(err, code, 0, fmt, ap);
	va_end(ap);
	return code;
}

int qun_fail_sys(struct qun_err *err, const char *fmt, ...)
{
	int sys = errno;
	va_list ap;

	va_start(ap, fmt);
	err_put(err, QUN_EIO, sys, fmt, ap);
	va_end(ap);
	return QUN_EIO;
}

int qun_fail_mem(struct qun_err *err)
{
	return qun_fail(err, QUN_ENOMEM, "out of memory");
}
