// SPDX-License-Identifier: Apache-2.0
// SSH for a program of one file: no session can be had.
//
// libssh2.a is left out for its size. libcurl.a 7.88.1 initialises it with every program
// (lib/vssh/libssh2.c: Curl_ssh_init), which must go well, and begins a transfer of scp or sftp
// with a session; without one it says "Failure initialising ssh session".
#include "stand_in.h"

enum { not_supported = -33 };  // LIBSSH2_ERROR_METHOD_NOT_SUPPORTED of libssh2 1.10

#define SSH_ANSWER(type, name, answer) ANSWER(type, libssh2_##name, answer)
#define SSH_REFUSE(name) SSH_ANSWER(int, name, not_supported)
#define SSH_IGNORE(name) IGNORE(libssh2_##name)

SSH_ANSWER(int, init, 0)
SSH_IGNORE(exit)
SSH_ANSWER(const char*, version, "absent")
SSH_ANSWER(void*, session_init_ex, NULL)

// None of the following is reached without a session.
SSH_ANSWER(void*, agent_init, NULL)
SSH_ANSWER(void*, hostkey_hash, NULL)
SSH_ANSWER(void*, knownhost_init, NULL)
SSH_ANSWER(void*, scp_recv2, NULL)
SSH_ANSWER(void*, scp_send64, NULL)
SSH_ANSWER(void*, session_abstract, NULL)
SSH_ANSWER(void*, session_callback_set, NULL)
SSH_ANSWER(void*, session_hostkey, NULL)
SSH_ANSWER(void*, sftp_init, NULL)
SSH_ANSWER(void*, sftp_open_ex, NULL)
SSH_ANSWER(void*, userauth_list, NULL)

SSH_ANSWER(int, session_block_directions, 0)
SSH_ANSWER(int, userauth_authenticated, 0)
SSH_ANSWER(ptrdiff_t, channel_read_ex, not_supported)
SSH_ANSWER(ptrdiff_t, channel_write_ex, not_supported)
SSH_ANSWER(ptrdiff_t, sftp_read, not_supported)
SSH_ANSWER(ptrdiff_t, sftp_write, not_supported)
SSH_ANSWER(unsigned long, sftp_last_error, 8)  // LIBSSH2_FX_OP_UNSUPPORTED

SSH_IGNORE(agent_free)
SSH_IGNORE(knownhost_free)
SSH_IGNORE(session_set_blocking)
SSH_IGNORE(sftp_seek64)

SSH_REFUSE(agent_connect)
SSH_REFUSE(agent_disconnect)
SSH_REFUSE(agent_get_identity)
SSH_REFUSE(agent_list_identities)
SSH_REFUSE(agent_userauth)
SSH_REFUSE(channel_free)
SSH_REFUSE(channel_send_eof)
SSH_REFUSE(channel_wait_closed)
SSH_REFUSE(channel_wait_eof)
SSH_REFUSE(knownhost_add)
SSH_REFUSE(knownhost_checkp)
SSH_REFUSE(knownhost_del)
SSH_REFUSE(knownhost_get)
SSH_REFUSE(knownhost_readfile)
SSH_REFUSE(knownhost_writefile)
SSH_REFUSE(session_disconnect_ex)
SSH_REFUSE(session_flag)
SSH_REFUSE(session_free)
SSH_REFUSE(session_handshake)
SSH_REFUSE(session_last_errno)
SSH_REFUSE(session_last_error)
SSH_REFUSE(session_method_pref)
SSH_REFUSE(sftp_close_handle)
SSH_REFUSE(sftp_mkdir_ex)
SSH_REFUSE(sftp_readdir_ex)
SSH_REFUSE(sftp_rename_ex)
SSH_REFUSE(sftp_rmdir_ex)
SSH_REFUSE(sftp_shutdown)
SSH_REFUSE(sftp_stat_ex)
SSH_REFUSE(sftp_statvfs)
SSH_REFUSE(sftp_symlink_ex)
SSH_REFUSE(sftp_unlink_ex)
SSH_REFUSE(userauth_keyboard_interactive_ex)
SSH_REFUSE(userauth_password_ex)
SSH_REFUSE(userauth_publickey_fromfile_ex)
