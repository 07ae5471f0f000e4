// SPDX-License-Identifier: Apache-2.0
// SSH for a program of one file: no session can be had.
//
// libssh2.a is left out for its size. libcurl.a 7.88.1 initialises it with every program
// (lib/vssh/libssh2.c: Curl_ssh_init), which must go well, and begins a transfer of scp or sftp
// with a session; without one it says "Failure initialising ssh session".
#include <stddef.h>

enum { not_supported = -33 };  // LIBSSH2_ERROR_METHOD_NOT_SUPPORTED of libssh2 1.10

// Callers pass arguments, which the C ABI lets a function ignore.
#define ANSWER(type, name, answer) \
  type libssh2_##name()            \
  {                                \
    return answer;                 \
  }
#define REFUSE(name) ANSWER(int, name, not_supported)
#define IGNORE(name) \
  void libssh2_##name() {}

ANSWER(int, init, 0)
IGNORE(exit)
ANSWER(const char*, version, "absent")
ANSWER(void*, session_init_ex, NULL)

// None of the following is reached without a session.
ANSWER(void*, agent_init, NULL)
ANSWER(void*, hostkey_hash, NULL)
ANSWER(void*, knownhost_init, NULL)
ANSWER(void*, scp_recv2, NULL)
ANSWER(void*, scp_send64, NULL)
ANSWER(void*, session_abstract, NULL)
ANSWER(void*, session_callback_set, NULL)
ANSWER(void*, session_hostkey, NULL)
ANSWER(void*, sftp_init, NULL)
ANSWER(void*, sftp_open_ex, NULL)
ANSWER(void*, userauth_list, NULL)

ANSWER(int, session_block_directions, 0)
ANSWER(int, userauth_authenticated, 0)
ANSWER(ptrdiff_t, channel_read_ex, not_supported)
ANSWER(ptrdiff_t, channel_write_ex, not_supported)
ANSWER(ptrdiff_t, sftp_read, not_supported)
ANSWER(ptrdiff_t, sftp_write, not_supported)
ANSWER(unsigned long, sftp_last_error, 8)  // LIBSSH2_FX_OP_UNSUPPORTED

IGNORE(agent_free)
IGNORE(knownhost_free)
IGNORE(session_set_blocking)
IGNORE(sftp_seek64)

REFUSE(agent_connect)
REFUSE(agent_disconnect)
REFUSE(agent_get_identity)
REFUSE(agent_list_identities)
REFUSE(agent_userauth)
REFUSE(channel_free)
REFUSE(channel_send_eof)
REFUSE(channel_wait_closed)
REFUSE(channel_wait_eof)
REFUSE(knownhost_add)
REFUSE(knownhost_checkp)
REFUSE(knownhost_del)
REFUSE(knownhost_get)
REFUSE(knownhost_readfile)
REFUSE(knownhost_writefile)
REFUSE(session_disconnect_ex)
REFUSE(session_flag)
REFUSE(session_free)
REFUSE(session_handshake)
REFUSE(session_last_errno)
REFUSE(session_last_error)
REFUSE(session_method_pref)
REFUSE(sftp_close_handle)
REFUSE(sftp_mkdir_ex)
REFUSE(sftp_readdir_ex)
REFUSE(sftp_rename_ex)
REFUSE(sftp_rmdir_ex)
REFUSE(sftp_shutdown)
REFUSE(sftp_stat_ex)
REFUSE(sftp_statvfs)
REFUSE(sftp_symlink_ex)
REFUSE(sftp_unlink_ex)
REFUSE(userauth_keyboard_interactive_ex)
REFUSE(userauth_password_ex)
REFUSE(userauth_publickey_fromfile_ex)
