//! Which files are in a folder? All, in its folders, too, by name; but hidden ones, those called README, and those
//! that are not finished.

use std::io;
use std::path::{Path, PathBuf};

/// Each file with its path inside the folder.
pub(super) fn files(folder: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    walk(folder, "", &mut found)?;
    Ok(found)
}

fn walk(folder: &Path, inside: &str, found: &mut Vec<(PathBuf, String)>) -> io::Result<()> {
    let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let lower = name.to_lowercase();
        if name.starts_with('.') || lower.starts_with("readme") || lower.ends_with(".tmp") || lower.ends_with(".part") {
            continue;
        }
        let id = if inside.is_empty() { name } else { format!("{inside}/{name}") };
        let path = entry.path();
        match entry.file_type() {
            // A folder may be gone by now, which is no reason to pass over the others.
            Ok(kind) if kind.is_dir() => walk(&path, &id, found).or_else(gone)?,
            // A link to a folder is passed over: it may lead back here.
            Ok(kind) if kind.is_symlink() && !path.is_file() => {}
            Ok(kind) if kind.is_file() || kind.is_symlink() => found.push((path, id)),
            // Pipes and sockets would not end.
            _ => {}
        }
    }
    Ok(())
}

fn gone(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}
