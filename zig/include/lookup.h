/* The lookup's part of liblookup: opens an index, answers queries, builds an index.
 *
 * Every function may be called from any thread. A handle must not be closed while a call with it
 * runs. Nothing is kept of what a caller hands over, and nothing is handed out but the handle.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised with every incompatible change of a function below. */
#define LOOKUP_ABI_VERSION 4

typedef struct lookup_index lookup_index;

/* What lookup_open and lookup_build return. */
enum lookup_status {
    LOOKUP_OK = 0,
    LOOKUP_BAD_ARGUMENT = 1,
    LOOKUP_OUT_OF_MEMORY = 2,
    LOOKUP_CANNOT_READ = 3,
    LOOKUP_CANNOT_WRITE = 4,
    LOOKUP_NOT_AN_INDEX = 5,
    LOOKUP_OTHER_VERSION = 6,
    LOOKUP_DAMAGED_INDEX = 7,
    LOOKUP_NOT_SQLITE = 8,
    LOOKUP_DAMAGED_DATABASE = 9,
    LOOKUP_BAD_SCHEMA = 10,
    LOOKUP_BAD_ROW = 11,
};

/* What lookup_query returns: an HTTP status and the reply's length. The reply was written only
 * where its length is at most the capacity; ask again with so much room otherwise. */
#define LOOKUP_REPLY_STATUS(reply) ((unsigned)((reply) >> 48))
#define LOOKUP_REPLY_LENGTH(reply) ((size_t)((reply) & ((UINT64_C(1) << 48) - 1)))

uint32_t lookup_abi_version(void);

/* 1 where this processor has every instruction that the library is compiled for. */
uint32_t library_cpu_supported(void);

/* Maps and verifies the index at `path`; `*index` is a handle, or NULL after an error. */
int32_t lookup_open(const char *path, lookup_index **index);

/* Ends a handle; NULL is no handle and is ignored. */
void lookup_close(lookup_index *index);

/* Answers the JSON of one query; 0 where an argument is missing. */
uint64_t lookup_query(const lookup_index *index, const char *body, size_t length,
                      char *reply, size_t capacity);

/* Answers {"queries": [...]} likewise, on several cores where it pays. */
uint64_t lookup_query_batch(const lookup_index *index, const char *body, size_t length,
                            char *reply, size_t capacity);

/* Within CPython, with the GIL held: a tuple of three functions, `query`, `query_batch` and
 * `open_batch`, that take bytes and give a `reply`, a subclass of tuple, of (status, bytes). Where
 * a reply is long, the last gives (status, (length, next_piece)), whose function gives the bytes
 * piece by piece and empty ones at the end. They own the index from then on. NULL in any other
 * process. */
void *lookup_python(lookup_index *index, void *reply);

/* Writes the index of the SQLite file at `database` into the existing file at `output`. `prices` is
 * the SQLite file with the parts' price tiers, or NULL: then no price is known. `schema` is the
 * JSON description of families and columns that the index embeds, `plan` the JSON that says where
 * their tables, and the prices, lie. `message`, of `capacity` >= 1 bytes, gets a text that says which
 * row cannot be taken and why, or an empty one. */
int32_t lookup_build(const char *database, const char *prices, const char *schema,
                     const char *plan, const char *output, char *message, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
