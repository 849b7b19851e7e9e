//! The program, as it is started by hand.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

/// Is killed when a test fails halfway.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_pagewire-server"))
}

#[test]
fn the_program_says_where_it_listens_and_leaves_when_told() {
    let child = program().args(["--port", "0"]).stdout(Stdio::piped()).spawn().unwrap();
    let Running(child) = &mut Running(child);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let origins: Vec<_> = line.split_whitespace().collect();
    assert_eq!(origins.len(), 2, "{line}");
    assert!(origins.iter().all(|origin| origin.starts_with("http://127.0.0.1:")), "{line}");
    let told = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(told.success());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_taken_port_ends_the_program_with_one_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = program().args(["--port", &port]).output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(&format!("port {port} on 127.0.0.1 is taken")), "{said}");
}
