/* Debian's libssh.a is built with GSSAPI, which has no static library. The probe logs in by key alone, so in its static
 * build every function that libssh would call is one that fails. Signatures do not matter to the linker: the callers
 * look at the major status only, and 0xd0000 is GSS_S_FAILURE (RFC 2744). */
#define FAILS(name) \
    unsigned name(void); \
    unsigned name(void) { return 0xd0000; }

FAILS(gss_accept_sec_context)
FAILS(gss_acquire_cred)
FAILS(gss_add_oid_set_member)
FAILS(gss_create_empty_oid_set)
FAILS(gss_display_name)
FAILS(gss_display_status)
FAILS(gss_get_mic)
FAILS(gss_import_name)
FAILS(gss_indicate_mechs)
FAILS(gss_init_sec_context)
FAILS(gss_inquire_cred)
FAILS(gss_inquire_cred_by_mech)
FAILS(gss_release_buffer)
FAILS(gss_release_cred)
FAILS(gss_release_name)
FAILS(gss_release_oid_set)
FAILS(gss_test_oid_set_member)
FAILS(gss_verify_mic)

void* GSS_C_NT_HOSTBASED_SERVICE = 0;
void* GSS_C_NT_USER_NAME = 0;
