//! `bundle FOLDER [POSTS MIB]`: an export and an import of posts and files, each in a process of its own for the memory
//! that it takes, beside what copying the same files costs on this disk (`cp` and a sync of each), and beside a cold pull.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use kith_node::host::Keystore;
use kith_node::id::PersonaId;
use kith_node::{Attach, Error, Export, Node, PostDraft, Result};

use super::{Corpus, PlainKeys, cold_pull, memory, open, tell, write};

const PASSPHRASE: &str = "a passphrase for measuring";
/// Of one file.
const FILE_BYTES: usize = 16 * 1024 * 1024;

pub(crate) async fn bundle(folder: &Path, posts: usize, mib: usize) -> Result<()> {
    if !folder.join("a/kith.db").is_file() {
        fill(folder, posts, mib).await?;
    }
    let files = folder.join("a/media");
    let bytes = copied(&files, &folder.join("copy"))?;
    let copy_s = least(3, || {
        let start = Instant::now();
        copied(&files, &folder.join("copy"))?;
        Ok(start.elapsed().as_secs_f64())
    })?;
    let mb = bytes as f64 / 1e6;
    tell("MB/s of copying the files, each synced", vec![mb / copy_s]);
    let (mut files_s, mut rates) = ([0.0_f64; 2], [0.0_f64; 2]);
    for (what, name) in [("all", "all of it"), ("posts", "posts alone")] {
        for (number, step) in ["export", "import"].into_iter().enumerate() {
            let other = folder.join("b");
            if step == "import" && other.exists() {
                std::fs::remove_dir_all(&other)?;
            }
            let output = std::process::Command::new(std::env::current_exe()?)
                .args([&format!("bundle-{step}"), &folder.display().to_string(), what])
                .stdout(std::process::Stdio::piped())
                .spawn()?
                .wait_with_output()?;
            let text = String::from_utf8_lossy(&output.stdout);
            let mut numbers = text.split_whitespace().map(|word| word.parse::<f64>().unwrap_or(f64::NAN));
            let mut next = || numbers.next().unwrap_or(f64::NAN);
            let (seconds, entries, file_bytes, most) = (next(), next(), next(), next());
            tell(&format!("{step} of {name}, s"), vec![seconds]);
            tell(&format!("{step} of {name}, entries/s"), vec![entries / seconds]);
            if file_bytes > 0.0 {
                tell(&format!("{step} of {name}, MB/s of files"), vec![file_bytes / 1e6 / seconds]);
            }
            tell(&format!("{step} of {name}, MiB of memory at most"), vec![most]);
            // The same entries stand in both: what is left is what the files took.
            let (file_s, rate) = (files_s.get_mut(number), rates.get_mut(number));
            file_s.into_iter().for_each(|file_s| *file_s += if what == "all" { seconds } else { -seconds });
            rate.into_iter().for_each(|rate| *rate = entries / seconds);
        }
    }
    let mut pulls = Vec::new();
    for _ in 0..3 {
        pulls.push(cold_pull().await?.posts_per_s);
    }
    tell("cold pull of 10,000 posts by 100, posts/s", pulls.clone());
    pulls.sort_by(f64::total_cmp);
    let pull = pulls.get(1).copied().unwrap_or(f64::NAN);
    for ((step, file_s), rate) in ["export", "import"].into_iter().zip(files_s).zip(rates) {
        tell(&format!("{step}: files, % of copying them (goal 50)"), vec![100.0 * copy_s / file_s]);
        tell(&format!("{step}: posts, % of the cold pull (goal 100)"), vec![100.0 * rate / pull]);
    }
    Ok(())
}

/// One step, in a process of its own: seconds, entries, bytes of files, MiB.
pub(crate) async fn step(step: &str, folder: &Path, what: &str) -> Result<()> {
    let what = if what == "posts" { Export::Posts } else { Export::All };
    let name = if step == "bundle-export" { "a" } else { "b" };
    let keys: Arc<dyn Keystore> = Arc::new(PlainKeys(folder.join(format!("{name}-keys"))));
    let node = open(&folder.join(name), &keys)?;
    let file = folder.join(format!("{what:?}.bundle"));
    // Posts come without keys, and only to a profile that somebody uses.
    if step == "bundle-import" && what == Export::Posts {
        node.create_persona("Bob").await?;
    }
    let start = Instant::now();
    let done = match step {
        "bundle-export" => node.export(&file, what, PASSPHRASE, true).await,
        _ => node.import(&file, PASSPHRASE).await,
    };
    let seconds = start.elapsed().as_secs_f64();
    node.shutdown().await;
    let view = done?;
    let file_bytes = if view.blobs == 0 { 0 } else { view.bytes };
    println!("{seconds} {} {file_bytes} {}", view.entries, memory("VmHWM:"));
    Ok(())
}

async fn fill(folder: &Path, posts: usize, mib: usize) -> Result<()> {
    let keys: Arc<dyn Keystore> = Arc::new(PlainKeys(folder.join("a-keys")));
    let node = open(&folder.join("a"), &keys)?;
    let alice: PersonaId = node.create_persona("Alice").await?;
    write(&node, &[alice], posts, &mut Corpus(7)).await?;
    let circle = node.create_circle(None, "Friends").await?;
    for number in 0..mib.div_ceil(FILE_BYTES >> 20) {
        file_post(&node, circle, number).await?;
    }
    node.shutdown().await;
    Ok(())
}

async fn file_post(node: &Node, circle: kith_node::id::CircleId, number: usize) -> Result<()> {
    let byte = u8::try_from(number % 251).map_err(|_| Error::Bug("a small number"))?;
    let staged = node.stage_sealed(vec![byte; FILE_BYTES], Some("file.bin")).await?;
    let attachments = vec![Attach { staged: staged.hash, alt: None }];
    let draft =
        PostDraft { text: format!("file {number}"), attachments, circles: vec![circle], ..PostDraft::default() };
    node.post(draft).await.map(drop)
}

/// Copies all files of a folder, each synced; answers their bytes.
fn copied(from: &Path, to: &Path) -> Result<u64> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    let mut bytes = 0;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        let copy = to.join(file.file_name());
        bytes += std::fs::copy(file.path(), &copy)?;
        File::open(&copy)?.sync_all()?;
    }
    File::open(to)?.sync_all()?;
    Ok(bytes)
}

fn least(times: usize, mut run: impl FnMut() -> Result<f64>) -> Result<f64> {
    (0..times).try_fold(f64::INFINITY, |least, _| Ok(least.min(run()?)))
}
