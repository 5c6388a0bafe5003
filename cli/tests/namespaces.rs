//! Two nodes on a network of their own: two network namespaces of Linux and a cable between them. What is on loopback
//! proves nothing about finding each other; this does. Needs the right to make namespaces (root); else it says so.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

#[path = "support/profile.rs"]
mod profile;

use std::process::Command;
use std::time::Duration;

use profile::{Profile, id, ids, text};

/// mDNS answers within some seconds; a loaded machine is slower.
const FOUND: Duration = Duration::from_secs(60);

/// Two namespaces that end with this value, each with loopback and one end of a cable.
struct Home([String; 2]);

impl Home {
    const ADDRESSES: [&str; 2] = ["10.94.0.1/24", "10.94.0.2/24"];

    /// `Err`: why there is none.
    fn new(name: &str) -> Result<Self, String> {
        let names = ["a", "b"].map(|end| format!("{name}{end}{}", std::process::id()));
        let home = Self(names);
        for name in &home.0 {
            ip(&["netns", "add", name])?;
        }
        let [a, b] = &home.0;
        ip(&["link", "add", "cable", "netns", a, "type", "veth", "peer", "name", "cable", "netns", b])?;
        for (name, address) in home.0.iter().zip(Self::ADDRESSES) {
            ip(&["-n", name, "link", "set", "lo", "up"])?;
            ip(&["-n", name, "addr", "add", address, "dev", "cable"])?;
            ip(&["-n", name, "link", "set", "cable", "up"])?;
            // As a router of a home would be; nothing answers there.
            ip(&["-n", name, "route", "add", "default", "via", "10.94.0.254"])?;
        }
        Ok(home)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        for name in &self.0 {
            let _never_made = ip(&["netns", "del", name]);
        }
    }
}

fn ip(args: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(args).output().map_err(|error| format!("`ip` (iproute2): {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("ip {}: {}", args.join(" "), said.trim())) }
}

#[test]
fn nodes_on_one_home_network_find_each_other_without_an_address() {
    let home = match Home::new("kith-mdns-") {
        Ok(home) => home,
        Err(why) => return println!("skipped: network namespaces can't be made here ({why})"),
    };
    let [mut alice, mut bob] = [0, 1].map(|end| {
        let mut profile = Profile::init(["Alice", "Bob"][end]);
        profile.namespace = Some(home.0[end].clone());
        profile
    });
    // An invite that names loopback only: it leads nowhere from another machine.
    let listen = text(&alice.run_on_loopback(None)["listen"][0]);
    assert!(listen.starts_with("127.0.0.1:"), "{listen}");
    let invite = alice.json(&["invite"]);
    alice.stop();
    bob.json(&["follow", &text(&invite["invite"])]);

    let post = id(&alice.json(&["post", "from the other room"]));
    for (profile, role) in [(&mut alice, "anchor"), (&mut bob, "phone")] {
        let command = profile.command(&["--json", "run", "--lan", "--role", role]);
        let status = profile.start(command);
        let ports: Vec<String> = status["listen"].as_array().unwrap().iter().map(port).collect();
        assert!(ports.iter().all(|port| *port == ports[0]), "{status}");
    }
    let (_, took) = bob.until(&["feed"], FOUND, |feed| ids(feed).contains(&post));
    println!("found by mDNS, and the post came: {} ms", took.as_millis());
    for (profile, role) in [(&alice, "phone"), (&bob, "anchor")] {
        let (peers, _) = profile.until(&["peers"], FOUND, |peers| peers[0]["path"] == "direct");
        assert_eq!(peers.as_array().unwrap().len(), 1, "{peers}");
        assert_eq!(peers[0]["role"], role, "{peers}");
        assert!(peers[0]["rtt_ms"].as_f64().unwrap() > 0.0, "{peers}");
    }

    // What came in by itself is remembered: Alice reaches Bob again without mDNS.
    let (alice_port, bob_port) =
        (port(&alice.json(&["status"])["listen"][0]), port(&bob.json(&["status"])["listen"][0]));
    for (profile, kept) in [(&mut alice, alice_port), (&mut bob, bob_port)] {
        let (ended, took) = profile.stop();
        assert!(ended.success() && took < Duration::from_secs(5), "{ended:?} {took:?}");
        let command = profile.command(&["--json", "run", "--offline"]);
        let status = profile.start(command);
        assert_eq!(port(&status["listen"][0]), kept, "a profile keeps its port");
    }
    let again = id(&alice.json(&["post", "and again"]));
    bob.until(&["feed"], FOUND, |feed| ids(feed).contains(&again));
}

fn port(listen: &serde_json::Value) -> String {
    text(listen).rsplit(':').next().unwrap().to_owned()
}
