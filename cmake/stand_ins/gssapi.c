// SPDX-License-Identifier: Apache-2.0
// GSSAPI for a program of one file: no mechanism is available.
//
// Debian 12 has no archive of libgssapi_krb5, which libcurl.a 7.88.1 asks for when a server or a
// proxy offers Negotiate. Every call fails, so curl reports an authentication that failed. curl
// initialises what these would write to (lib/curl_gssapi.c: display_gss_error).
#include <stddef.h>

enum { unavailable = 16 << 16 };  // GSS_S_UNAVAILABLE of RFC 2744

// Callers pass arguments, which the C ABI lets a function ignore.
#define REFUSE(name)    \
  unsigned name()       \
  {                     \
    return unavailable; \
  }

REFUSE(gss_delete_sec_context)
REFUSE(gss_display_name)
REFUSE(gss_display_status)
REFUSE(gss_import_name)
REFUSE(gss_init_sec_context)
REFUSE(gss_inquire_context)
REFUSE(gss_release_buffer)
REFUSE(gss_release_name)
REFUSE(gss_unwrap)
REFUSE(gss_wrap)

const void* GSS_C_NT_HOSTBASED_SERVICE = NULL;
