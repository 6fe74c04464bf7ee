#pragma once
#include <sys/types.h>
#include <stddef.h>
#include <string.h>
#include <sasl/sasl.h>
#include <sasl/saslplug.h>
#include <sasl/saslutil.h>
#include <sasl/prop.h>

// sasl.h types its callbacks as functions and stores them all as int (*)(void). The casts are made here, one
// constructor a callback, so that Swift hands over functions of the right type.
#define CSASL_CALLBACK(name, kind, identifier)                                              \
    static inline sasl_callback_t csasl_##name(kind *function, void *context) {             \
        sasl_callback_t callback = {identifier, (int (*)(void))function, context};          \
        return callback;                                                                    \
    }
CSASL_CALLBACK(getopt, sasl_getopt_t, SASL_CB_GETOPT)
CSASL_CALLBACK(log, sasl_log_t, SASL_CB_LOG)
CSASL_CALLBACK(user, sasl_getsimple_t, SASL_CB_USER)
CSASL_CALLBACK(authname, sasl_getsimple_t, SASL_CB_AUTHNAME)
CSASL_CALLBACK(pass, sasl_getsecret_t, SASL_CB_PASS)
CSASL_CALLBACK(realm, sasl_getrealm_t, SASL_CB_GETREALM)
CSASL_CALLBACK(policy, sasl_authorize_t, SASL_CB_PROXY_POLICY)
CSASL_CALLBACK(checkpass, sasl_server_userdb_checkpass_t, SASL_CB_SERVER_USERDB_CHECKPASS)
#undef CSASL_CALLBACK

static inline sasl_callback_t csasl_end(void) {
    sasl_callback_t callback = {SASL_CB_LIST_END, NULL, NULL};
    return callback;
}

// The context that this connection's checkpass callback was given, or NULL.
static inline void *csasl_context(sasl_server_params_t *parameters) {
    sasl_callback_ft function = NULL;
    void *context = NULL;
    int result = parameters->utils->getcallback(parameters->utils->conn, SASL_CB_SERVER_USERDB_CHECKPASS, &function,
                                                &context);
    return result == SASL_OK ? context : NULL;
}

static inline int csasl_set_property(sasl_server_params_t *parameters, const char *name, const char *value, int length) {
    return parameters->utils->prop_set(parameters->propctx, name, value, length);
}

// Clears memory in a way that no optimiser removes.
static inline void csasl_wipe(void *memory, size_t length) { sasl_erasebuffer((char *)memory, (unsigned)length); }
