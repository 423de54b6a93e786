// SPDX-License-Identifier: GPL-2.0-or-later
// quell for C, and for every language that can call C: libquell. Opens an image, says what is in it, whether it is
// sound and what differs, plans a cleaning and applies it.
//
// Documents are JSON in UTF-8 of the schema quell/2 (docs/schema): the same that the program prints with --json. Sizes
// and offsets are in bytes; offsets count from the start of the image.
//
// - A function that can fail returns a quell_code. On failure nothing else is given but, where `error` is not NULL, an
//   error to be freed with quell_error_free(); on success *error is NULL. Result pointers must not be NULL.
// - What a function gives belongs to the caller and is freed by its own call: quell_image_free, quell_plan_free,
//   quell_buffer_free, quell_error_free. Each takes NULL. Images, plans and buffers do not depend on each other: they
//   may be freed in any order.
// - There is no global state and no signal handler. Any number of threads may call at once, also with one image
//   or plan; only freeing needs that nobody uses the thing any more.
// - The binary interface is kept: functions and codes are added, never changed or taken away (docs/stability.md).
#ifndef QUELL_QUELL_H
#define QUELL_QUELL_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define QUELL_API __attribute__((visibility("default")))
#else
#define QUELL_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct quell_image quell_image;    // an image, in memory
typedef struct quell_plan quell_plan;      // what to change in an image, and why
typedef struct quell_buffer quell_buffer;  // bytes, or a text with a NUL behind its last byte
typedef struct quell_error quell_error;    // why something failed

// What kind of failure it was.
typedef enum quell_code {
  QUELL_OK = 0,
  QUELL_USAGE = 1,         // the caller asked for something that makes no sense
  QUELL_UNRECOGNISED = 2,  // nothing known in the input
  QUELL_DAMAGED = 3,       // a structure is cut off, contradicts itself or points outside
  QUELL_UNSUPPORTED = 4,   // recognised, but this is not possible on it
  QUELL_REFUSED = 5,       // possible, but not safe
  QUELL_IO = 6,            // the operating system said no
  QUELL_MEMORY = 7,        // out of memory
  QUELL_INTERNAL = 8       // a fault of the library
} quell_code;

// The version of the library, "0.1.0". Never NULL, not to be freed.
QUELL_API const char* quell_version(void);

// -- images --

// Reads a file: at least one byte, at most 4 GiB. QUELL_IO with the system's reason.
QUELL_API quell_code quell_open_file(const char* path, quell_image** image, quell_error** error);
// Copies `size` bytes. `name` is what documents call the image; NULL: "image". QUELL_USAGE for no bytes, or more than
// 4 GiB.
QUELL_API quell_code quell_open_bytes(const void* bytes, size_t size, const char* name, quell_image** image,
                                      quell_error** error);
// Its bytes, as long as it is not freed; NULL for NULL.
QUELL_API const void* quell_image_bytes(const quell_image* image);
QUELL_API size_t quell_image_size(const quell_image* image);
QUELL_API void quell_image_free(quell_image* image);

// -- looking: each gives a document --

// What is in the image, as `quell inspect --json`. QUELL_UNRECOGNISED, with advice, where nothing in it is known.
QUELL_API quell_code quell_examine(const quell_image* image, quell_buffer** document, quell_error** error);
// Whether the image is sound, as `quell check --json`. A bad verdict is no failure, it is in the document; fails as
// quell_examine.
QUELL_API quell_code quell_check(const quell_image* image, quell_buffer** document, quell_error** error);
// What differs, as `quell diff --json`. Images that nothing is known of can be compared too.
QUELL_API quell_code quell_diff(const quell_image* before, const quell_image* after, quell_buffer** document,
                                quell_error** error);

// What there is to know of an engine ("intel-me"), a question or the id of a finding, as `quell explain --json`; with
// NULL every answer to every question. QUELL_USAGE for another word.
QUELL_API quell_code quell_explain(const char* word, quell_buffer** document, quell_error** error);

// -- changing --

// Plans the cleaning of an Intel ME, as `quell clean`; nothing is changed. `options` is a JSON object, or NULL:
// - "soft", "strip": boolean; the disable bit alone, the removal alone, or both. With neither, what is safe.
// - "relocate", "truncate", "keep_modules", "lock_out": boolean.
// - "keep", "drop": array of names of partitions.
// - "disable_bit": string "OFFSET[:BIT]" from FPSBA; this bit instead of the platform's.
// - "accept": array; what the caller insists on, by the names that refusals give.
// QUELL_USAGE for options that are not known or do not go together, QUELL_REFUSED where it is not safe (see
// quell_error_accept), QUELL_UNSUPPORTED, QUELL_UNRECOGNISED, QUELL_DAMAGED.
QUELL_API quell_code quell_plan_clean(const quell_image* image, const char* options, quell_plan** plan,
                                      quell_error** error);
// The plan as a document, as `quell clean --dry-run --json`: its edits with their reasons, and notices.
QUELL_API quell_code quell_plan_document(const quell_plan* plan, quell_buffer** document, quell_error** error);
// The changed bytes. The image is the one that the plan was made for, or another with the same bytes. The result is
// parsed again, and given only when nothing outside the plan differs and what was signed still is.
QUELL_API quell_code quell_apply(const quell_plan* plan, const quell_image* image, quell_buffer** bytes,
                                 quell_error** error);
QUELL_API void quell_plan_free(quell_plan* plan);

// -- what comes back --

// The bytes, as long as the buffer is not freed; NULL for NULL. A document has a NUL behind it that its size leaves
// out.
QUELL_API const void* quell_buffer_bytes(const quell_buffer* buffer);
QUELL_API size_t quell_buffer_size(const quell_buffer* buffer);
QUELL_API void quell_buffer_free(quell_buffer* buffer);

// QUELL_OK for NULL.
QUELL_API quell_code quell_error_code(const quell_error* error);
// For people, in UTF-8: what happened, where, and what to do next. Lives as long as the error; "" for NULL.
QUELL_API const char* quell_error_text(const quell_error* error);
// Where in the image: 1, and the offset in *offset; 0 where no place is named.
QUELL_API int quell_error_offset(const quell_error* error, uint64_t* offset);
// What lifts a refusal: names for "accept" of quell_plan_clean with a space between them; "" when nothing lifts it.
QUELL_API const char* quell_error_accept(const quell_error* error);
QUELL_API void quell_error_free(quell_error* error);

#ifdef __cplusplus
}
#endif

#endif
