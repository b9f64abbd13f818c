/* Runs the SQL of standard input on a store: only the program's own pages carry checksums.
 *
 * usage: bench-grow STORE < SQL
 */
#include <stdio.h>

#include "db/db.h"

int main(int argc, char **argv)
{
    char sql[65536];
    size_t n = fread(sql, 1, sizeof(sql) - 1, stdin);
    sql[n] = '\0';
    struct db *db;
    if (argc != 2 || db_open(argv[1], DB_WRITE, &db) != OK)
        return 2;
    enum err r = db_execute(db, sql);
    if (r != OK)
        fprintf(stderr, "%s\n", err_last()->detail);
    db_close(db);
    return r == OK ? 0 : 1;
}
