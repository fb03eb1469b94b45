/*
 * Runs one SQL text on DuckDB or ClickHouse (chdb) from their shared libraries, as their command
 * line programs do, without an interpreter's start-up. What is needed of their C interfaces is
 * declared here, for their packages bring no headers.
 *
 *   peer duckdb|clickhouse LIBRARY SQL
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static void *library;

static void *function(const char *name)
{
	void *f = dlsym(library, name);

	if (!f)
		fprintf(stderr, "peer: %s\n", dlerror());
	return f;
}

/* The statement itself writes to /dev/stdout (COPY ... TO). */
static int duckdb(const char *sql)
{
	int (*open)(const char *, void **), (*connect)(void *, void **),
		(*query)(void *, const char *, void *);
	const char *(*error)(void *);
	void *db, *connection;
	void *result[16] = {0}; /* struct duckdb_result: 6 words */

	*(void **)&open = function("duckdb_open");
	*(void **)&connect = function("duckdb_connect");
	*(void **)&query = function("duckdb_query");
	*(void **)&error = function("duckdb_result_error");
	if (!open || !connect || !query || !error || open(NULL, &db) || connect(db, &connection))
		return 1;
	if (!query(connection, sql, result))
		return 0;
	fprintf(stderr, "peer: duckdb: %s\n", error(result));
	return 1;
}

static int clickhouse(const char *sql)
{
	void **(*connect)(int, char **);
	void *(*query)(void *, const char *, const char *);
	const char *(*text)(void *), *(*error)(void *);
	size_t (*length)(void *);
	char name[] = "clickhouse", *argv[] = {name, NULL};
	void **connection, *result;

	*(void **)&connect = function("chdb_connect");
	*(void **)&query = function("chdb_query");
	*(void **)&text = function("chdb_result_buffer");
	*(void **)&length = function("chdb_result_length");
	*(void **)&error = function("chdb_result_error");
	if (!connect || !query || !text || !length || !error || !(connection = connect(1, argv)))
		return 1;
	result = query(*connection, sql, "CSV");
	if (error(result)) {
		fprintf(stderr, "peer: clickhouse: %s\n", error(result));
		return 1;
	}
	return fwrite(text(result), 1, length(result), stdout) == length(result) ? 0 : 1;
}

int main(int argc, char **argv)
{
	int rc;

	if (argc != 4 || (strcmp(argv[1], "duckdb") && strcmp(argv[1], "clickhouse"))) {
		fprintf(stderr, "usage: peer duckdb|clickhouse LIBRARY SQL\n");
		return 2;
	}
	library = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		fprintf(stderr, "peer: %s\n", dlerror());
		return 1;
	}
	rc = argv[1][0] == 'd' ? duckdb(argv[3]) : clickhouse(argv[3]);
	fflush(stdout);
	/* Their threads and tables are left to the kernel: tearing them down is not part of the
	 * answer. */
	_Exit(rc);
}
