// SPDX-License-Identifier: Apache-2.0
// LDAP for a program of one file: no URL of it can be read.
//
// libldap.a would bring SASL and GnuTLS. libcurl.a 7.88.1 parses the URL before anything else
// (lib/openldap.c: oldap_setup_connection) and then says that it is malformed.
#include "stand_in.h"

enum {
  not_supported = -12,  // LDAP_NOT_SUPPORTED of OpenLDAP 2.5
  option_error = -1,    // LDAP_OPT_ERROR
  bad_scheme = 3,       // LDAP_URL_ERR_BADSCHEME
};

ANSWER(int, ldap_url_parse, bad_scheme)
ANSWER(int, ldap_pvt_url_scheme2proto, -1)
ANSWER(int, ldap_get_option, option_error)
ANSWER(int, ldap_set_option, option_error)
ANSWER(const char*, ldap_err2string, "LDAP is not part of this program")

ANSWER(int, ldap_abandon_ext, not_supported)
ANSWER(int, ldap_get_attribute_ber, not_supported)
ANSWER(int, ldap_get_dn_ber, not_supported)
ANSWER(int, ldap_init_fd, not_supported)
ANSWER(int, ldap_parse_result, not_supported)
ANSWER(int, ldap_parse_sasl_bind_result, not_supported)
ANSWER(int, ldap_sasl_bind, not_supported)
ANSWER(int, ldap_search_ext, not_supported)
ANSWER(int, ldap_start_tls, not_supported)
ANSWER(int, ldap_unbind_ext, not_supported)
ANSWER(int, ber_sockbuf_add_io, -1)
ANSWER(int, ldap_result, -1)
ANSWER(int, ldap_msgfree, -1)
ANSWER(int, ldap_msgtype, -1)

// What they would free was never made.
IGNORE(ber_bvfree)
IGNORE(ber_free)
IGNORE(ber_memfree)
IGNORE(ber_memvfree)
IGNORE(ldap_free_urldesc)
IGNORE(ldap_memfree)
