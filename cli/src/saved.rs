//! Files that a command writes out. A sealed one is opened by this process as it is written, and lies nowhere else in
//! the clear.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};

use kith_node::control::{Failure, Request};
use kith_node::crypto::FileKey;
use kith_node::{Blob, Error};
use serde_json::{Value, json};

use crate::command::Answer;
use crate::profile::absolute;
use crate::reach::Session;
use crate::words::{short, text};

/// Extensions of pictures, which have no name of their own.
const PICTURES: [(&str, &str); 4] =
    [("image/jpeg", "jpg"), ("image/png", "png"), ("image/webp", "webp"), ("image/gif", "gif")];

impl Session {
    /// Copies a blob to `file`; without `file` a sealed one goes into this folder, and of any other is told where it lies.
    /// What is there already is replaced with `force` alone, and only once the copy is whole.
    pub(crate) fn save(&self, get: Request, file: Option<PathBuf>, force: bool) -> Result<Answer, Failure> {
        // Before it is fetched.
        if let Some(file) = &file
            && !force
        {
            refuse_existing(file)?;
        }
        let mut answer = self.ask(get)?;
        let told = answer.value.as_object_mut().ok_or(Error::Bug("a blob without fields"))?;
        let sealed = told.remove("sealed").filter(|sealed| !sealed.is_null());
        let blob = match &sealed {
            Some(sealed) => opened(sealed).ok_or(Error::Bug("a sealed blob without what opens it"))?,
            None => plain(text(&answer.value, "path")),
        };
        let written = match (file, blob.is_sealed()) {
            (Some(file), _) => {
                write(&blob, &file, force).map_err(|error| cannot(&file, &error))?;
                file
            }
            (None, true) => {
                let file = absolute(Path::new(&own_name(&answer.value)))?;
                write(&blob, &file, force).map_err(|error| cannot(&file, &error))?;
                file
            }
            (None, false) => return Ok(answer),
        };
        if let Some(path) = answer.value.get_mut("path") {
            *path = json!(written);
        }
        Ok(answer)
    }
}

/// A device or a pipe is no file to be replaced.
fn refuse_existing(file: &Path) -> Result<(), Failure> {
    if std::fs::metadata(file).is_ok_and(|found| found.is_file()) {
        return Err(Error::Exists(file.display().to_string()).into());
    }
    Ok(())
}

fn cannot(file: &Path, error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::AlreadyExists {
        return Error::Exists(file.display().to_string()).into();
    }
    Error::BadInput(format!("{} can't be written: {error}", file.display())).into()
}

fn opened(sealed: &Value) -> Option<Blob> {
    let key: Vec<u8> = serde_json::from_value(sealed.get("key")?.clone()).ok()?;
    let key = FileKey::from_bytes(key.try_into().ok()?);
    Some(Blob { file: PathBuf::from(sealed.get("file")?.as_str()?), key: Some(key), ..plain("") })
}

fn plain(path: &str) -> Blob {
    Blob { mime: String::new(), size: 0, name: None, file: PathBuf::from(path), key: None }
}

/// What a sealed file is called in a folder: as its sender says. The node lets no name in that is hidden or elsewhere.
fn own_name(told: &Value) -> String {
    let (said, mime) = (text(told, "name"), text(told, "mime"));
    let extension = PICTURES.iter().find(|(known, _)| *known == mime).map_or("bin", |(_, extension)| extension);
    if said.is_empty() { format!("{}.{extension}", short(text(told, "hash"))) } else { said.to_owned() }
}

fn write(blob: &Blob, file: &Path, force: bool) -> io::Result<()> {
    if std::fs::metadata(file).is_ok_and(|found| !found.is_file()) {
        // A folder is refused by the system; a device or a pipe is written to as it is.
        return blob.open()?.copy_to(&mut OpenOptions::new().write(true).open(file)?);
    }
    if !force {
        return blob.write_new(file);
    }
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = PathBuf::from(name);
    blob.write_new(&part)?;
    std::fs::rename(&part, file).inspect_err(|_| drop(std::fs::remove_file(&part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_name_is_called_by_its_hash_and_type() {
        let name =
            |name: &str, mime: &str| own_name(&json!({ "hash": "0123456789abcdef", "name": name, "mime": mime }));
        assert_eq!(name("a b.pdf", ""), "a b.pdf");
        assert_eq!(name("", "image/png"), "0123456789.png");
        assert_eq!(name("", "text/html"), "0123456789.bin");
    }
}
