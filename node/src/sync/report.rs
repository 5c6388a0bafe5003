//! Reports: what a user tells an anchor of theirs of something that it may be showing. Over the connection with that anchor
//! alone, and again with each one until it has answered.

use crate::gate::{Asked, Report};
use crate::id::NodeId;
use crate::sync::engine::Engine;
use crate::sync::frame::Frame;
use crate::sync::message::{ConnId, Output};
use crate::view::Role;

impl Engine {
    /// All reports that wait, each with the anchor that it is for.
    pub(super) fn set_reports(&mut self, reports: Vec<(NodeId, u64, Report)>) {
        self.reports = reports;
        let ids: Vec<ConnId> = self.conns.keys().copied().collect();
        for id in ids {
            self.tell_reports(id);
        }
    }

    /// Tells a peer what waits for it and was not told on this connection.
    pub(super) fn tell_reports(&mut self, id: ConnId) {
        let Some(conn) = self.conns.get_mut(&id).filter(|conn| conn.hello) else { return };
        let mut frames = Vec::new();
        for (anchor, number, report) in &self.reports {
            if *anchor == conn.peer && conn.reported.insert(*number) {
                frames.push(Frame::Report { number: *number, report: report.clone() });
            }
        }
        for frame in frames {
            self.send(id, &frame);
        }
    }

    /// A peer reports something: only anchors take that.
    pub(super) fn report_came(&mut self, id: ConnId, number: u64, report: Report) {
        let (role, now_ms) = (self.role, self.now.tick_ms);
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if !conn.allowance.may_notify(now_ms) {
            return self.close(id, "too many notices");
        }
        let by = conn.peer;
        match role {
            Role::Anchor => self.tell(Output::Helper { conn: id, asked: Asked::Report { by, number, report } }),
            Role::Phone | Role::Desktop => self.send(id, &Frame::Reported { number, taken: false }),
        }
    }

    /// An anchor answers a report that it was told on this connection.
    pub(super) fn report_answered(&mut self, id: ConnId, number: u64, taken: bool) {
        let Some(conn) = self.conns.get(&id).filter(|conn| conn.reported.contains(&number)) else { return };
        let anchor = conn.peer;
        let waiting = self.reports.len();
        self.reports.retain(|(to, of, _)| (*to, *of) != (anchor, number));
        if self.reports.len() < waiting {
            self.tell(Output::Helper { conn: id, asked: Asked::Reported { anchor, number, taken } });
        }
    }
}
