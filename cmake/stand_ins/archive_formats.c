// SPDX-License-Identifier: Apache-2.0
// Formats that a program of one file does not write: 7-Zip, mtree, XAR and ZIP.
//
// libarchive.a 3.6.2 names all its formats in one table (archive_write_set_format.c), and these
// four would bring libxml2 with ICU, liblzma, libbz2 and nettle. What writes tar is the archive's.
#include <archive.h>
#include <errno.h>

#define REFUSE(name)                                                                    \
  int archive_write_set_format_##name(struct archive* archive)                          \
  {                                                                                     \
    archive_set_error(archive, ENOTSUP, "the format " #name " is not in this program"); \
    return ARCHIVE_FATAL;                                                               \
  }

REFUSE(7zip)
REFUSE(mtree)
REFUSE(xar)
REFUSE(zip)
