// Zip files of empty files: what a model's archive is told by is the names in it.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace entrobench {

// Uncompressed, as torch writes them.
inline void WriteZip(const std::string& path, const std::vector<std::string>& names) {
  archive* out = archive_write_new();
  archive_write_set_format_zip(out);
  archive_write_zip_set_compression_store(out);
  ASSERT_EQ(archive_write_open_filename(out, path.c_str()), ARCHIVE_OK);
  for (const std::string& name : names) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, 0);
    EXPECT_EQ(archive_write_header(out, entry), ARCHIVE_OK);
    archive_entry_free(entry);
  }
  EXPECT_EQ(archive_write_free(out), ARCHIVE_OK);
}

// As torch.jit.save names its parts, and as torch.save does.
inline void WriteTorchScript(const std::string& path) {
  WriteZip(path, {"net/data.pkl", "net/code/__torch__.py", "net/constants.pkl", "net/version"});
}
inline void WriteTorchCheckpoint(const std::string& path) {
  WriteZip(path, {"archive/data.pkl", "archive/data/0", "archive/version"});
}

}  // namespace entrobench
