//! The bed: the backend, its clock and its wait, and what is done to the LAN at the other end.

use core::error::Error;
use core::net::{Ipv4Addr, SocketAddrV4};
use std::fs::File;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::process::Command;
use std::thread;

use clap::Parser;
use lankeeper::conformance::{Bed, Change, Service, Traffic, payload};
use lankeeper::{Clock, Instant, Span};
use nix::libc;
use nix::sched::{CloneFlags, setns};
use nix::sys::socket::{setsockopt, sockopt};

use crate::endpoint::{Endpoint, Host};
use crate::linux::{self, LinuxBackend, Wait, Woken};

/// The port that the device sends to.
const DISCARD: u16 = 9;

/// Checks the Linux backend by the conformance suite.
#[derive(Clone, Debug, Parser)]
#[command(name = "conformance", version)]
pub struct Options {
    /// Name of the interface; the kernel must have no address on it
    #[arg(long, value_name = "NAME")]
    pub interface: String,
    /// Network namespace with the other end of the cable
    #[arg(long, value_name = "NAME")]
    pub lan: String,
    /// Name of the interface there
    #[arg(long, value_name = "NAME")]
    pub peer: String,
    /// Address there, which gets the server
    #[arg(long, value_name = "ADDRESS")]
    pub server: Ipv4Addr,
    /// The addresses that the DHCP server grants
    #[arg(long, value_name = "ADDRESS/LENGTH")]
    pub granted: String,
    /// An address and port of the subnet that nobody has
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub nobody: SocketAddrV4,
    /// Process of the DHCP server
    #[arg(long, value_name = "PID")]
    pub dhcp: u32,
    /// How long a lease lasts at most, in seconds; by default none is watched to its end
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub lease: Option<Span>,
    /// Only say that the world is changed: the suite has to notice
    #[arg(long)]
    pub idle: bool,
}

fn seconds(text: &str) -> Result<Span, String> {
    let span = text.parse().ok().and_then(Span::from_secs);
    span.ok_or_else(|| "a number of seconds".into())
}

/// An interface of this host, and the LAN behind it.
pub struct NamespaceBed {
    options: Options,
    clock: Clock,
    wait: Wait,
    backend: LinuxBackend,
    listener: Option<TcpListener>,
    port: u16,
    /// The connections that the server has closed, but not the device.
    closed: Vec<TcpStream>,
    neighbour: UdpSocket,
    listening: UdpSocket,
    datagrams: u32,
}

impl NamespaceBed {
    pub fn new(options: Options) -> Result<Self, Box<dyn Error>> {
        let (server, lan) = (options.server, options.lan.clone());
        let (listener, neighbour, listening) = in_namespace(lan, move || {
            Ok((
                TcpListener::bind((server, 0))?,
                UdpSocket::bind((server, 0))?,
                UdpSocket::bind((Ipv4Addr::UNSPECIFIED, DISCARD))?,
            ))
        })?;
        listener.set_nonblocking(true)?;
        listening.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let host = Host::Ip(options.server);
        let clock = Clock::new();
        let endpoint = Endpoint { host, port };
        let backend = linux::open(clock.now(), &options.interface, Some(endpoint))?;
        Ok(Self {
            options,
            clock,
            wait: Wait::new()?,
            backend,
            listener: Some(listener),
            port,
            closed: Vec::new(),
            neighbour,
            listening,
            datagrams: 0,
        })
    }

    /// Runs `ip` for the LAN.
    fn ip(&self, arguments: &[&str]) {
        let lan = ["-n", self.options.lan.as_str()];
        let status = Command::new("ip").args(lan).args(arguments).status();
        let done = status.expect("ip can be started").success();
        assert!(done, "ip {arguments:?} failed");
    }

    fn signal_dhcp(&self, signal: &str) {
        let pid = self.options.dhcp.to_string();
        let status = Command::new("kill").args([signal, pid.as_str()]).status();
        assert!(status.expect("kill can be started").success());
    }

    /// The connections that the server has and has not closed.
    fn accepted(&self) -> Vec<TcpStream> {
        let listener = self.listener.iter();
        listener
            .flat_map(|it| it.incoming().map_while(Result::ok))
            .collect()
    }

    fn set_server(&mut self, service: Service) -> io::Result<()> {
        let granted = self.options.granted.clone();
        match service {
            Service::Works => {
                let (server, port) = (self.options.server, self.port);
                // Where it was silent.
                let lan = ["-n", self.options.lan.as_str()];
                let route = ["route", "del", "blackhole", granted.as_str()];
                Command::new("ip").args(lan).args(route).output()?;
                if self.listener.is_none() {
                    let lan = self.options.lan.clone();
                    let listener = in_namespace(lan, move || TcpListener::bind((server, port)))?;
                    listener.set_nonblocking(true)?;
                    self.listener = Some(listener);
                }
            }
            Service::Refuses => self.listener = None,
            Service::IsSilent => self.ip(&["route", "add", "blackhole", granted.as_str()]),
        }
        Ok(())
    }
}

/// Makes something in another network namespace, where sockets stay.
fn in_namespace<T: Send + 'static>(
    name: String,
    make: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let file = File::open(format!("/run/netns/{name}"))?;
    let made = thread::spawn(move || {
        setns(file, CloneFlags::CLONE_NEWNET)?;
        make()
    });
    made.join().expect("the thread does not panic")
}

impl Bed for NamespaceBed {
    type Backend = LinuxBackend;

    fn backend(&mut self) -> &mut LinuxBackend {
        self.backend.set_now(self.clock.now());
        &mut self.backend
    }

    fn now(&mut self) -> Instant {
        self.clock.now()
    }

    fn wait(&mut self, until: Instant) {
        let now = self.clock.now();
        let until = self.backend.poll_at().map_or(until, |at| at.min(until));
        let interface = &self.backend.interface;
        let sources = [interface.stack.card.as_fd(), interface.link.as_fd()];
        let timeout = Some(until.saturating_duration_since(now));
        let woken = self.wait.sleep(sources, timeout);
        if woken.expect("it can be waited") == Woken::Stop {
            std::process::exit(130);
        }
    }

    fn change(&mut self, change: Change) -> bool {
        if self.options.idle {
            return true;
        }
        let peer = self.options.peer.clone();
        match change {
            Change::Cable(true) => self.ip(&["link", "set", peer.as_str(), "up"]),
            Change::Cable(false) => self.ip(&["link", "set", peer.as_str(), "down"]),
            Change::Dhcp(Service::IsSilent) => self.signal_dhcp("-STOP"),
            Change::Dhcp(Service::Works) => self.signal_dhcp("-CONT"),
            Change::Server(service) => self.set_server(service).expect("the server changes"),
            // A half-closed connection: the device is heard still.
            Change::ServerHangsUp => {
                for stream in self.accepted() {
                    let _ = stream.shutdown(Shutdown::Write);
                    self.closed.push(stream);
                }
            }
            Change::ServerResets => {
                let at_once = libc::linger {
                    l_onoff: 1,
                    l_linger: 0,
                };
                for stream in self.accepted() {
                    setsockopt(&stream, sockopt::Linger, &at_once).expect("a socket option");
                }
            }
            Change::Datagram(to, length) => {
                return self.neighbour.send_to(payload(length), to).is_ok();
            }
            _ => return false,
        }
        true
    }

    fn count(&mut self, traffic: Traffic) -> Option<u32> {
        match traffic {
            Traffic::Frames => {
                let lan = ["-n", self.options.lan.as_str(), "-j", "-s", "link", "show"];
                let shown = Command::new("ip")
                    .args(lan)
                    .arg(&self.options.peer)
                    .output();
                let shown: serde_json::Value = serde_json::from_slice(&shown.ok()?.stdout).ok()?;
                shown[0]["stats64"]["rx"]["packets"]
                    .as_u64()?
                    .try_into()
                    .ok()
            }
            Traffic::Datagrams => {
                let mut buffer = [0; 2048];
                while self.listening.recv(&mut buffer).is_ok() {
                    self.datagrams += 1;
                }
                Some(self.datagrams)
            }
            _ => None,
        }
    }
}
