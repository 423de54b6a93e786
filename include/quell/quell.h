// SPDX-License-Identifier: GPL-2.0-or-later
// quell for C, and for every language that can call C: libquell. Opens an image, says what is in it, whether it is
// sound and what differs, takes it apart, plans a cleaning and applies it; says how the engines of a machine are.
//
// Documents are JSON in UTF-8 of the schema quell/2 (docs/schema): the same that the program prints with --json. Sizes
// and offsets are in bytes; offsets count from the start of the image.
//
// - A function that can fail returns a quell_code. On failure nothing else is given (the result is NULL, a number stays
//   as it was) but, where `error` is not NULL, an error to be freed with quell_error_free(); on success *error is NULL.
//   With each function stand the codes of its own. Besides them every one can give QUELL_USAGE, where a pointer is NULL
//   that is not said to be allowed to, QUELL_MEMORY and QUELL_INTERNAL. QUELL_MEMORY tells that there is no room for an
//   image or what is made of it; where the system has not even a few bytes left the process can end, as libraries below
//   cannot report that.
// - Texts that are given to a function end with NUL. Paths are bytes as the system takes them, all else is UTF-8.
// - What a function gives belongs to the caller and is freed by its own call: quell_image_free, quell_pieces_free,
//   quell_plan_free, quell_buffer_free, quell_error_free. Each takes NULL. None of these things depends on another:
//   they may be freed in any order.
// - There is no global state and no signal handler. Any number of threads may call at once, also with one image,
//   plan or pieces; only freeing needs that nobody uses the thing any more.
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
typedef struct quell_pieces quell_pieces;  // an image taken apart
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

// Reads a file: at least one byte, at most 512 MiB; a pipe to its end, which waits for who writes it. Documents call
// the image by `path`. QUELL_IO with the system's reason, for a folder and for a larger file; QUELL_UNRECOGNISED for an
// empty one.
QUELL_API quell_code quell_open_file(const char* path, quell_image** image, quell_error** error);
// Copies `size` bytes. `name` is what documents call the image; NULL: "image". QUELL_USAGE for no bytes, or more than
// 512 MiB.
QUELL_API quell_code quell_open_bytes(const void* bytes, size_t size, const char* name, quell_image** image,
                                      quell_error** error);
// Its bytes, as long as it is not freed, and how many they are; NULL and 0 for NULL.
QUELL_API const void* quell_image_bytes(const quell_image* image);
QUELL_API size_t quell_image_size(const quell_image* image);
QUELL_API void quell_image_free(quell_image* image);

// -- looking: each gives a document --

// What is in the image, as `quell inspect --json`. QUELL_UNRECOGNISED, with advice, where nothing in it is known;
// damage is no failure, it is in the document.
QUELL_API quell_code quell_examine(const quell_image* image, quell_buffer** document, quell_error** error);
// Whether the image is sound, as `quell check --json`. A bad verdict is no failure, it is in the document; fails as
// quell_examine.
QUELL_API quell_code quell_check(const quell_image* image, quell_buffer** document, quell_error** error);
// What differs, as `quell diff --json`. Images that nothing is known of can be compared too: no codes of its own.
QUELL_API quell_code quell_diff(const quell_image* before, const quell_image* after, quell_buffer** document,
                                quell_error** error);

// The same three in words, as the program prints them without --json and without a terminal; each fails as its
// document.
QUELL_API quell_code quell_examine_text(const quell_image* image, quell_buffer** text, quell_error** error);
QUELL_API quell_code quell_check_text(const quell_image* image, quell_buffer** text, quell_error** error);
QUELL_API quell_code quell_diff_text(const quell_image* before, const quell_image* after, quell_buffer** text,
                                     quell_error** error);

// What the page of `quell report` shows: what was found and how sound it is, with the kind of each block and the start
// of each part, and the tables that judged it; with `before`, where that is not NULL, also what differs from that
// image. Fails as quell_examine, also of `before`.
QUELL_API quell_code quell_report(const quell_image* image, const quell_image* before, quell_buffer** document,
                                  quell_error** error);

// What there is to know of an engine ("intel-me"), a question ("network"), the id of a finding or a word of the field,
// as `quell explain --json`; with NULL every answer to every question. QUELL_USAGE for another word.
QUELL_API quell_code quell_explain(const char* word, quell_buffer** document, quell_error** error);
// The engines that are in the image: what was seen of each, as `quell explain --json IMAGE`. Fails as quell_examine.
QUELL_API quell_code quell_explain_image(const quell_image* image, quell_buffer** document, quell_error** error);

// -- a machine --

// The engines of a machine and what stands around them, as `quell status --json`: of the machine that this runs on
// (`root` is NULL), as far as the caller may read it, or of the captured tree at `root`, a path to a folder or to an
// archive of `quell capture`. Nothing is written. QUELL_IO, QUELL_UNRECOGNISED where it is no captured tree,
// QUELL_DAMAGED where the archive is cut off or contradicts itself.
QUELL_API quell_code quell_status(const char* root, quell_buffer** document, quell_error** error);
// The same of an archive in memory, of `size` bytes, which are not kept.
QUELL_API quell_code quell_status_bytes(const void* archive, size_t size, quell_buffer** document, quell_error** error);

// -- taking apart --

// The pieces of the image, as `quell extract` writes them. Fails as quell_examine; QUELL_REFUSED where the image claims
// more or larger pieces than a sound one has.
QUELL_API quell_code quell_extract(const quell_image* image, quell_pieces** pieces, quell_error** error);
// Their index: what each is, its path, its place in the image, as `quell extract --json`.
QUELL_API quell_code quell_pieces_document(const quell_pieces* pieces, quell_buffer** document, quell_error** error);
// The bytes of the piece with this path of the index; a piece can be empty. QUELL_USAGE for another path. Works too
// when the image is freed.
QUELL_API quell_code quell_pieces_bytes(const quell_pieces* pieces, const char* path, quell_buffer** bytes,
                                        quell_error** error);
QUELL_API void quell_pieces_free(quell_pieces* pieces);

// -- changing --

// Plans the cleaning of an Intel ME, as `quell clean`; nothing is changed. `options` is a JSON object, or NULL:
// - "soft", "strip": boolean; the disable bit alone, the removal alone, or both. With neither, what is safe.
// - "relocate", "truncate", "keep_modules", "lock_out": boolean.
// - "keep", "drop": array of names of partitions ("MFS"): those that stay besides FTPR, or those that alone go.
// - "disable_bit": string "OFFSET[:BIT]" ("0x70:16"), instead of the platform's own: bit 0 to 31, 16 where left out, of
//   the word at OFFSET, hexadecimal, in bytes from where the straps of the chipset begin in the descriptor (FPSBA).
// - "accept": array; what the caller insists on, by the names that refusals give ("boot-guard").
// QUELL_USAGE for options that are not known or do not go together, QUELL_REFUSED where it is not safe (see
// quell_error_accept), QUELL_UNSUPPORTED, QUELL_UNRECOGNISED, QUELL_DAMAGED.
QUELL_API quell_code quell_plan_clean(const quell_image* image, const char* options, quell_plan** plan,
                                      quell_error** error);
// The plan as a document, as `quell clean --dry-run --json`: its edits with their reasons, and notices.
QUELL_API quell_code quell_plan_document(const quell_plan* plan, quell_buffer** document, quell_error** error);
// The changed bytes. The image is the one that the plan was made for, or another with the same bytes: QUELL_USAGE for
// others. The result is parsed again, and given only when nothing outside the plan differs and what was signed still
// is: else QUELL_REFUSED or QUELL_DAMAGED.
QUELL_API quell_code quell_apply(const quell_plan* plan, const quell_image* image, quell_buffer** bytes,
                                 quell_error** error);
// Of the changed bytes the descriptor alone, as `quell clean --descriptor-out`: with borders moved to a region that
// "truncate" cut. As quell_apply; QUELL_USAGE where the image has no descriptor.
QUELL_API quell_code quell_apply_descriptor(const quell_plan* plan, const quell_image* image, quell_buffer** bytes,
                                            quell_error** error);
// Of the changed bytes the ME region alone, as `quell clean --me-out`: with "truncate" cut to its smallest size. As
// quell_apply; QUELL_USAGE where the image has no descriptor, or no ME region stays.
QUELL_API quell_code quell_apply_me(const quell_plan* plan, const quell_image* image, quell_buffer** bytes,
                                    quell_error** error);
QUELL_API void quell_plan_free(quell_plan* plan);

// -- two chips that one descriptor divides --

// Where the second chip begins in the image of both, in bytes, by the descriptor. QUELL_USAGE where it names one chip,
// or chips that do not make up the image; QUELL_UNRECOGNISED without a descriptor, QUELL_DAMAGED where it cannot be
// read.
QUELL_API quell_code quell_second_chip(const quell_image* image, uint64_t* offset, quell_error** error);
// The images of both chips as one, as `quell descriptor join`. `options` is a JSON object, or NULL: "accept", as that
// of quell_plan_clean. QUELL_REFUSED where the sizes are not those of the descriptor ("accept" of "sizes" lifts it),
// QUELL_USAGE where the second begins with a descriptor too; without a descriptor in the first as quell_second_chip.
QUELL_API quell_code quell_join(const quell_image* first, const quell_image* second, const char* options,
                                quell_buffer** bytes, quell_error** error);

// -- what comes back --

// The bytes, as long as the buffer is not freed, and how many they are; NULL and 0 for NULL. A document or a text has a
// NUL behind it that its size leaves out.
QUELL_API const void* quell_buffer_bytes(const quell_buffer* buffer);
QUELL_API size_t quell_buffer_size(const quell_buffer* buffer);
QUELL_API void quell_buffer_free(quell_buffer* buffer);

// What kind of failure it is; QUELL_OK for NULL.
QUELL_API quell_code quell_error_code(const quell_error* error);
// For people, one line of UTF-8: what happened, where, and what to do next. What was named, of other bytes or of
// characters that steer a terminal, stands there as \xNN. Lives as long as the error; "" for NULL.
QUELL_API const char* quell_error_text(const quell_error* error);
// Where in the image: 1, and the offset in *offset unless that is NULL; 0 where no place is named.
QUELL_API int quell_error_offset(const quell_error* error, uint64_t* offset);
// What lifts a refusal: names for "accept" of quell_plan_clean with a space between them; "" when nothing lifts it.
// Lives as long as the error; "" for NULL.
QUELL_API const char* quell_error_accept(const quell_error* error);
QUELL_API void quell_error_free(quell_error* error);

#ifdef __cplusplus
}
#endif

#endif
