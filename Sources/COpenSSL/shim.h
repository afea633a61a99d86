// SPDX-License-Identifier: Apache-2.0
// OpenSSL's libcrypto as Berth uses it: headers, and the macros that Swift cannot see.
#pragma once
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

// A combination of casts and bits.
static const int COPENSSL_PUBLIC_KEY = EVP_PKEY_PUBLIC_KEY;
static const int COPENSSL_KEYPAIR = EVP_PKEY_KEYPAIR;

// Names of a key's parts. OpenSSL keeps the pointer and not the text, so it must outlive the call.
static const char *const COPENSSL_RSA_MODULUS = OSSL_PKEY_PARAM_RSA_N;
static const char *const COPENSSL_RSA_EXPONENT = OSSL_PKEY_PARAM_RSA_E;
static const char *const COPENSSL_GROUP = OSSL_PKEY_PARAM_GROUP_NAME;
static const char *const COPENSSL_POINT = OSSL_PKEY_PARAM_PUB_KEY;
