// SPDX-License-Identifier: Apache-2.0
// OpenLDAP's libldap as Berth uses it: its header, and the macros that Swift cannot see, which are casts.
#pragma once
#include <ldap.h>
#include <sys/time.h>

// Swift takes the struct for a member of whichever C module it met first.
static inline struct timeval CLDAP_timeval(long seconds, long microseconds) {
    return (struct timeval){.tv_sec = seconds, .tv_usec = microseconds};
}

static const int CLDAP_SCOPE_BASE = LDAP_SCOPE_BASE;
static const int CLDAP_SCOPE_SUBTREE = LDAP_SCOPE_SUBTREE;
static const int CLDAP_SEARCH_ENTRY = (int)LDAP_RES_SEARCH_ENTRY;
static const int CLDAP_SEARCH_REFERENCE = (int)LDAP_RES_SEARCH_REFERENCE;
static const int CLDAP_SEARCH_RESULT = (int)LDAP_RES_SEARCH_RESULT;
static const int CLDAP_INTERMEDIATE = (int)LDAP_RES_INTERMEDIATE;
static const int CLDAP_TLS_1_2 = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
static const unsigned CLDAP_DN_FORMAT_LDAPV3 = LDAP_DN_FORMAT_LDAPV3;
