// OpenSSL 3, with the macros that Swift cannot see as functions.
#pragma once
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/kdf.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>
#include <time.h>

/// TLS 1.2 at least, no renegotiation, no compression, memory given back while idle, ends of stream told apart.
static inline void posthouse_tls_defaults(SSL_CTX *context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
}

/// Tickets only: the server keeps no sessions.
static inline void posthouse_tls_tickets_only(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

/// Whom the client wants to talk to (RFC 6066 §3). 1 on success.
static inline int posthouse_tls_server_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, (void *)name);
}

/// Whether the error queue's oldest entry says that the other side does not speak TLS at all.
static inline int posthouse_tls_is_plaintext(unsigned long error) {
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) return 0;
    int reason = ERR_GET_REASON(error);
    return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST || reason == SSL_R_PACKET_LENGTH_TOO_LONG;
}

/// Whether it says that the two sides have no protocol version in common.
static inline int posthouse_tls_is_version(unsigned long error) {
    if (ERR_GET_LIB(error) != ERR_LIB_SSL) return 0;
    int reason = ERR_GET_REASON(error);
    return reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION ||
           reason == SSL_R_WRONG_SSL_VERSION || reason == SSL_R_NO_PROTOCOLS_AVAILABLE;
}

/// Whether it says that the stream ended without the peer's close_notify.
static inline int posthouse_tls_is_cut(unsigned long error) {
    return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

/// Copies the DNS or address name at `index` of a certificate's subject alternative names as text, cut to `size`.
/// 1 when there is one, 0 when it is of another kind, -1 after the last.
static inline int posthouse_certificate_name(const X509 *certificate, int index, char *text, size_t size) {
    int result = -1;
    GENERAL_NAMES *names = (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    if (!names) return -1;
    if (index < sk_GENERAL_NAME_num(names)) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
        result = 0;
        if (name->type == GEN_DNS) {
            size_t length = (size_t)ASN1_STRING_length(name->d.dNSName);
            if (length >= size) length = size - 1;
            memcpy(text, ASN1_STRING_get0_data(name->d.dNSName), length);
            text[length] = 0;
            result = 1;
        } else if (name->type == GEN_IPADD) {
            const unsigned char *octets = ASN1_STRING_get0_data(name->d.iPAddress);
            int length = ASN1_STRING_length(name->d.iPAddress);
            if (length == 4) {
                BIO_snprintf(text, size, "%d.%d.%d.%d", octets[0], octets[1], octets[2], octets[3]);
                result = 1;
            } else if (length == 16) {
                char *end = text;
                for (int pair = 0; pair < 8 && end + 5 < text + size; pair++)
                    end += BIO_snprintf(end, size - (size_t)(end - text), pair ? ":%x" : "%x",
                                        octets[2 * pair] << 8 | octets[2 * pair + 1]);
                result = 1;
            }
        }
    }
    GENERAL_NAMES_free(names);
    return result;
}

/// The seconds since 1970 of a certificate's end (`end` not 0) or beginning; -1 when it has none that can be read.
static inline int64_t posthouse_certificate_time(const X509 *certificate, int end) {
    struct tm fields;
    const ASN1_TIME *time = end ? X509_get0_notAfter(certificate) : X509_get0_notBefore(certificate);
    if (!time || !ASN1_TIME_to_tm(time, &fields)) return -1;
    return (int64_t)timegm(&fields);
}

/// Copies an octet string of `length` octets; -1 when it is too long for `size` or holds a NUL, which no name has.
static inline int posthouse_certificate_text(const unsigned char *octets, int length, unsigned char *text,
                                             size_t size) {
    if (length < 0 || (size_t)length > size || memchr(octets, 0, (size_t)length)) return -1;
    memcpy(text, octets, (size_t)length);
    return length;
}

/// Copies the name at `index` of a certificate's subject alternative names, if it is an e-mail address, and returns its
/// octets; 0 when it is of another kind or can't be right, -1 after the last.
static inline int posthouse_certificate_email(const X509 *certificate, int index, unsigned char *text, size_t size) {
    int result = -1;
    GENERAL_NAMES *names = (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    if (!names) return -1;
    if (index < sk_GENERAL_NAME_num(names)) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
        result = name->type != GEN_EMAIL
                     ? 0
                     : posthouse_certificate_text(ASN1_STRING_get0_data(name->d.rfc822Name),
                                                  ASN1_STRING_length(name->d.rfc822Name), text, size);
        if (result < 0) result = 0;
    }
    GENERAL_NAMES_free(names);
    return result;
}

/// Copies the part at `index` of a certificate's subject, if it is a common name, in UTF-8, and returns its octets; 0 when
/// it is of another kind or can't be right, -1 after the last.
static inline int posthouse_certificate_common_name(const X509 *certificate, int index, unsigned char *text,
                                                    size_t size) {
    const X509_NAME *subject = X509_get_subject_name(certificate);
    const X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, index);
    if (!entry) return -1;
    if (OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) != NID_commonName) return 0;
    unsigned char *octets = NULL;
    int length = ASN1_STRING_to_UTF8(&octets, X509_NAME_ENTRY_get_data(entry));
    if (length < 0) return 0;
    int result = posthouse_certificate_text(octets, length, text, size);
    OPENSSL_free(octets);
    return result < 0 ? 0 : result;
}

/// The seconds since 1970 at which the first of a PEM file's revocation lists is to be renewed; -1 when none says so.
static inline int64_t posthouse_revocations_end(const char *path) {
    int64_t end = -1;
    X509_CRL *list;
    BIO *file = BIO_new_file(path, "r");
    if (!file) return -1;
    while ((list = PEM_read_bio_X509_CRL(file, NULL, NULL, NULL))) {
        struct tm fields;
        const ASN1_TIME *time = X509_CRL_get0_nextUpdate(list);
        if (time && ASN1_TIME_to_tm(time, &fields)) {
            int64_t seconds = (int64_t)timegm(&fields);
            if (end < 0 || seconds < end) end = seconds;
        }
        X509_CRL_free(list);
    }
    BIO_free(file);
    ERR_clear_error();
    return end;
}
/// A key of these parameters, which are freed with the builder; NULL when they are none. The builder keeps pointers to
/// what is pushed into it, so it does not leave C.
static inline EVP_PKEY *posthouse_key(const char *kind, OSSL_PARAM_BLD *builder) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    if (parameters && context && EVP_PKEY_fromdata_init(context) == 1)
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

/// A public key of RSA by its two numbers, highest octet first; NULL when it is none.
static inline EVP_PKEY *posthouse_rsa_key(const unsigned char *modulus, int modulus_size,
                                          const unsigned char *exponent, int exponent_size) {
    EVP_PKEY *key = NULL;
    BIGNUM *n = BN_bin2bn(modulus, modulus_size, NULL), *e = BN_bin2bn(exponent, exponent_size, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (n && e && builder && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        key = posthouse_key("RSA", builder);
    else
        OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

/// A public key on a curve by its uncompressed point; NULL when that is not on the curve.
static inline EVP_PKEY *posthouse_elliptic_key(const char *curve, const unsigned char *point, size_t size) {
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (builder && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, size) == 1)
        return posthouse_key("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return NULL;
}

/// Frees what OpenSSL has allocated for the caller.
static inline void posthouse_openssl_free(void *memory) { OPENSSL_free(memory); }
