// SPDX-License-Identifier: GPL-2.0-or-later
// What the smallest useful program of C looks like: the document of an image on standard output.
#include <quell/quell.h>
#include <stdio.h>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  quell_image* image = NULL;
  quell_buffer* document = NULL;
  quell_error* error = NULL;
  quell_code code = quell_open_file(argv[1], &image, &error);
  if (code == QUELL_OK) code = quell_examine(image, &document, &error);
  if (code == QUELL_OK) {
    fwrite(quell_buffer_bytes(document), 1, quell_buffer_size(document), stdout);
  } else {
    fprintf(stderr, "%s\n", quell_error_text(error));
  }
  quell_error_free(error);
  quell_buffer_free(document);
  quell_image_free(image);
  return (int)code;
}
