// SPDX-License-Identifier: Apache-2.0
// OpenSSL as Berth uses it: headers, and the macros that Swift cannot see.
#pragma once
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// A combination of casts and bits.
static const int COPENSSL_PUBLIC_KEY = EVP_PKEY_PUBLIC_KEY;
static const int COPENSSL_KEYPAIR = EVP_PKEY_KEYPAIR;

// Names of a key's parts. OpenSSL keeps the pointer and not the text, so it must outlive the call.
static const char *const COPENSSL_RSA_MODULUS = OSSL_PKEY_PARAM_RSA_N;
static const char *const COPENSSL_RSA_EXPONENT = OSSL_PKEY_PARAM_RSA_E;
static const char *const COPENSSL_GROUP = OSSL_PKEY_PARAM_GROUP_NAME;
static const char *const COPENSSL_POINT = OSSL_PKEY_PARAM_PUB_KEY;

// The parameter of a MAC that names its hash.
static const char *const COPENSSL_MAC_DIGEST = OSSL_MAC_PARAM_DIGEST;

// Bits of TLS connections. Nothing of older protocols, no compression, no second handshake; what stays empty gives its
// memory back; a write may take a part and be tried again from elsewhere.
static const uint64_t COPENSSL_SERVER_OPTIONS =
    SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA;
static const long COPENSSL_SERVER_MODE =
    SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS;
static const unsigned long COPENSSL_NAME_FLAGS = XN_FLAG_RFC2253;
