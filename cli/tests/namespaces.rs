//! Nodes on networks of their own: network namespaces of Linux and cables between them. What is on loopback proves
//! nothing about finding each other; this does. Needs the right to make namespaces (root); else it says so.

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
struct Home(Namespaces<2>);

/// They end with this value.
struct Namespaces<const N: usize>([String; N]);

impl<const N: usize> Namespaces<N> {
    /// `Err`: why there is none. Each has its loopback.
    fn new(name: &str, ends: [&str; N]) -> Result<Self, String> {
        let namespaces = Self(ends.map(|end| format!("{name}{end}{}", std::process::id())));
        for name in &namespaces.0 {
            ip(&["netns", "add", name])?;
            ip(&["-n", name, "link", "set", "lo", "up"])?;
        }
        Ok(namespaces)
    }
}

impl<const N: usize> Drop for Namespaces<N> {
    fn drop(&mut self) {
        for name in &self.0 {
            let _never_made = ip(&["netns", "del", name]);
        }
    }
}

impl Home {
    const ADDRESSES: [&str; 2] = ["10.94.0.1/24", "10.94.0.2/24"];

    /// `Err`: why there is none.
    fn new(name: &str) -> Result<Self, String> {
        let home = Self(Namespaces::new(name, ["a", "b"])?);
        let [a, b] = &home.0.0;
        ip(&["link", "add", "cable", "netns", a, "type", "veth", "peer", "name", "cable", "netns", b])?;
        for (name, address) in home.0.0.iter().zip(Self::ADDRESSES) {
            ip(&["-n", name, "addr", "add", address, "dev", "cable"])?;
            ip(&["-n", name, "link", "set", "cable", "up"])?;
            // As a router of a home would be; nothing answers there.
            ip(&["-n", name, "route", "add", "default", "via", "10.94.0.254"])?;
        }
        Ok(home)
    }
}

/// An anchor in the middle, and a network on each side of it. It does not pass packets on: the two sides reach the
/// anchor, and nothing leads from one to the other.
struct Divided(Namespaces<3>);

impl Divided {
    fn new(name: &str) -> Result<Self, String> {
        let divided = Self(Namespaces::new(name, ["x", "a", "b"])?);
        let [x, sides @ ..] = &divided.0.0;
        for (number, side) in (1..).zip(sides) {
            let (cable, near, far) =
                (format!("to{number}"), format!("10.95.{number}.254"), format!("10.95.{number}.1"));
            ip(&["link", "add", &cable, "netns", x, "type", "veth", "peer", "name", "cable", "netns", side])?;
            for (name, device, address) in [(x, cable.as_str(), &near), (side, "cable", &far)] {
                ip(&["-n", name, "addr", "add", &format!("{address}/24"), "dev", device])?;
                ip(&["-n", name, "link", "set", device, "up"])?;
            }
            ip(&["-n", side, "route", "add", "default", "via", &near])?;
        }
        for path in ["/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"] {
            // There may be no IPv6.
            let off = format!("if [ -e {path} ]; then echo 0 > {path}; fi");
            ip(&["netns", "exec", x, "sh", "-c", &off])?;
        }
        Ok(divided)
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
        profile.namespace = Some(home.0.0[end].clone());
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

#[test]
fn people_near_each_other_meet_on_a_network_that_nobody_marked_as_home() {
    let home = match Home::new("kith-near-") {
        Ok(home) => home,
        Err(why) => return println!("skipped: network namespaces can't be made here ({why})"),
    };
    let [mut alice, mut bob] = [0, 1].map(|end| {
        let mut profile = Profile::init(["Alice", "Bob"][end]);
        profile.namespace = Some(home.0.0[end].clone());
        profile
    });
    for profile in [&mut alice, &mut bob] {
        let command = profile.command(&["--json", "run"]);
        profile.start(command);
    }
    let post = id(&alice.json(&["post", "from the other side of the table"]));
    alice.json(&["near", "open"]);
    bob.json(&["near", "open"]);
    let (near, took) = bob.until(&["near"], FOUND, |near| near["people"][0]["name"] == "Alice");
    println!("near each other: {} ms", took.as_millis());
    let code = text(&near["people"][0]["code"]);
    alice.until(&["near"], FOUND, |near| near["people"][0]["code"] == code.as_str());
    assert_eq!(bob.json(&["peers"]), serde_json::json!([]), "the nodes themselves do not know each other yet");
    bob.json(&["near", "follow", &code]);
    bob.until(&["feed"], FOUND, |feed| ids(feed).contains(&post));
    alice.json(&["near", "close"]);
    bob.until(&["near"], FOUND, |near| near["people"] == serde_json::json!([]));
}

#[test]
fn where_no_direct_path_is_nodes_meet_at_the_relay_of_their_anchor() {
    let divided = match Divided::new("kith-relay-") {
        Ok(divided) => divided,
        Err(why) => return println!("skipped: network namespaces can't be made here ({why})"),
    };
    let [mut anchor, mut alice, mut bob] = [0, 1, 2].map(|end| {
        let mut profile = Profile::init(["X", "Alice", "Bob"][end]);
        profile.namespace = Some(divided.0.0[end].clone());
        profile
    });
    let start = |profile: &mut Profile, role: &str| {
        let command = profile.command(&["--json", "run", "--role", role]);
        profile.start(command)
    };
    let status = start(&mut anchor, "anchor");
    let (ticket, relay) = (text(&status["ticket"]), text(&status["relay"]));
    assert!(relay.starts_with("http://10.95."), "{status}");
    assert_eq!(relay.trim_end_matches('/').rsplit(':').next(), Some(port(&status["listen"][0]).as_str()), "{status}");

    // Made while she had no anchor: it names her own node, at an address that Bob has no way to.
    let alice_node = text(&start(&mut alice, "desktop")["node"]);
    let invite = text(&alice.json(&["invite"])["invite"]);
    let bob_node = text(&start(&mut bob, "desktop")["node"]);
    for profile in [&alice, &bob] {
        profile.json(&["anchors", "add", &ticket]);
        profile.until(&["status"], FOUND, |status| status["relay"] == relay.as_str());
    }
    bob.json(&["follow", &invite]);
    let relayed = |peer: &str| {
        let peer = peer.to_owned();
        move |peers: &serde_json::Value| {
            let mut peers = peers.as_array().unwrap().iter();
            // Its role is what it said itself, over this connection.
            peers.any(|one| one["node"] == peer.as_str() && one["path"] == "relayed" && one["role"] == "desktop")
        }
    };
    let (_, took) = bob.until(&["peers"], FOUND, relayed(&alice_node));
    println!("met at the relay: {} ms", took.as_millis());
    alice.until(&["peers"], FOUND, relayed(&bob_node));
    let post = id(&alice.json(&["post", "from behind the wall"]));
    let (_, took) = bob.until(&["feed"], FOUND, |feed| ids(feed).contains(&post));
    println!("the post came: {} ms", took.as_millis());
    let peers = bob.json(&["peers"]);
    let alice_there = peers.as_array().unwrap().iter().find(|peer| peer["node"] == alice_node.as_str()).unwrap();
    assert_eq!(alice_there["path"], "relayed", "{peers}");
    assert!(alice_there["rtt_ms"].as_f64().unwrap() > 0.0 && alice_there["bytes_in"].as_u64().unwrap() > 0, "{peers}");
    assert!(bob.json(&["doctor"]).to_string().contains("1 over a relay"), "{}", bob.json(&["doctor"]));

    // An anchor that is removed is left: its relay too.
    bob.json(&["anchors", "remove", &ticket]);
    bob.until(&["status"], FOUND, |status| status["relay"].is_null());

    // The anchor's node itself is met directly, and without the anchor nothing is left between the two.
    let there = peers.as_array().unwrap().iter().find(|peer| peer["role"] == "anchor").unwrap();
    assert_eq!(there["path"], "direct", "{peers}");
    let (ended, took) = anchor.stop();
    assert!(ended.success() && took < Duration::from_secs(5), "{ended:?} {took:?}");
    bob.until(&["peers"], FOUND, |peers| peers == &serde_json::json!([]));
}

fn port(listen: &serde_json::Value) -> String {
    text(listen).rsplit(':').next().unwrap().to_owned()
}
