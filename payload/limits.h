// SPDX-License-Identifier: Apache-2.0
// The bounds of everything that the payload reads, waits for and says.
#pragma once

#include <cstddef>
#include <cstdint>

namespace coroner::payload {

// One result is one line, and a line stays below the 64 KiB at which the reader of logs cuts.
inline constexpr std::size_t max_line_bytes = 63 * std::size_t{1024};

// Shares of that line; bytes as they stand in the JSON, escapes counted.
inline constexpr std::size_t max_text_bytes = 512;
inline constexpr std::size_t max_environment_bytes = 16 * std::size_t{1024};
inline constexpr std::size_t max_environment_value_bytes = 1024;
inline constexpr std::size_t max_devices_bytes = 6 * std::size_t{1024};
inline constexpr std::size_t max_pci_bytes = 4 * std::size_t{1024};
inline constexpr std::size_t max_modules_bytes = 2 * std::size_t{1024};
inline constexpr std::size_t max_libraries_bytes = 4 * std::size_t{1024};
inline constexpr std::size_t max_mounts_bytes = 9 * std::size_t{1024};
inline constexpr std::size_t max_links_bytes = 2 * std::size_t{1024};
inline constexpr std::size_t max_short_list_bytes = 1024;
inline constexpr std::size_t max_command_line_bytes = 2 * std::size_t{1024};
inline constexpr std::size_t inspect_texts = 20;  // that stand in no list
inline constexpr std::size_t inspect_short_lists = 6;
static_assert(max_environment_bytes + max_devices_bytes + max_pci_bytes + max_modules_bytes +
                  max_libraries_bytes + max_mounts_bytes + max_links_bytes +
                  inspect_short_lists * max_short_list_bytes + max_command_line_bytes +
                  inspect_texts * max_text_bytes <
              max_line_bytes);

inline constexpr std::size_t max_gpus_bytes = 32 * std::size_t{1024};
inline constexpr std::size_t max_program_output_bytes = 20 * std::size_t{1024};
inline constexpr std::size_t max_build_log_bytes = 2 * std::size_t{1024};

// Reading.
inline constexpr std::size_t max_file_bytes = std::size_t{1024} * 1024;
inline constexpr std::size_t max_directory_entries = 4096;
inline constexpr std::size_t max_store_entries = 200'000;  // a /nix/store is one flat directory

// Waiting.
inline constexpr unsigned default_timeout_s = 60;
inline constexpr unsigned max_timeout_s = 3600;
inline constexpr unsigned name_lookup_timeout_s = 3;
inline constexpr unsigned kill_grace_ms = 1000;

// The command line.
inline constexpr std::size_t min_nonce_digits = 8;
inline constexpr std::size_t max_nonce_digits = 64;
inline constexpr std::uint64_t max_elements = std::uint64_t{1} << 28U;

// The vector addition.
inline constexpr std::uint64_t default_elements = std::uint64_t{16} << 20U;
inline constexpr std::uint64_t default_simulated_elements = std::uint64_t{256} << 10U;
inline constexpr std::uint64_t chunk_elements = std::uint64_t{1} << 20U;  // held in host memory
inline constexpr unsigned timed_launches = 10;
inline constexpr unsigned timed_simulated_launches = 1;
inline constexpr unsigned max_gpus = 64;

}  // namespace coroner::payload
