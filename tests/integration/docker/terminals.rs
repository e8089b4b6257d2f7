//! Terminals on a real engine: what is left of them, and what a slow reader costs.

use std::time::Duration;

use bollard::query_parameters::TopOptionsBuilder;
use devsanctum::{
    domain::terminal::TerminalSize,
    ports::provisioner::{EngineError, Provisioner, Screen},
};
use futures::StreamExt;

use crate::{
    contract::provisioner::{
        terminals::{Looked, open},
        world::World,
    },
    support::docker::{TestDocker, with_docker},
};

#[tokio::test]
async fn nothing_runs_on_when_nobody_looks_any_more() {
    with_docker(async |docker| {
        let world = World::on(docker.clone());
        let request = world.with_shell(&world.workspace()).await;
        let before = docker.programs(&request.name).await;
        let mut terminal = open(&world, &request).await;
        // A job in the foreground and one in the background; one that is to outlive the terminal.
        terminal.keyboard.press(b"sleep 4001 & (trap '' HUP; exec sleep 4002) &\r").await.unwrap();
        terminal.keyboard.press(b"sleep 4003\r").await.unwrap();
        docker
            .until_programs(&request.name, |all| ["4001", "4002", "4003"].iter().all(|n| has(all, n)))
            .await;
        drop(terminal);
        let left = docker
            .until_programs(&request.name, |all| {
                !["4001", "4003", "helper shell 80 24"].iter().any(|it| has(all, it))
            })
            .await;
        let left: Vec<_> = left.into_iter().filter(|program| !before.contains(program)).collect();
        assert_eq!(left, ["sleep 4002"]);
    })
    .await;
}

#[tokio::test]
async fn a_shell_that_will_not_hear_of_it_is_killed() {
    with_docker(async |docker| {
        let world = World::on(docker.clone());
        let request = world.with_shell(&world.workspace()).await;
        let before = docker.programs(&request.name).await;
        let mut terminal = open(&world, &request).await;
        terminal.keyboard.press(b"trap '' HUP; echo dea\"\"f; while :; do sleep 1; done\r").await.unwrap();
        terminal.until("deaf\r\n").await;
        drop(terminal);
        // Whatever it started last ignores the signal as it does, and ends by itself.
        docker.until_programs(&request.name, |all| *all == before).await;
    })
    .await;
}

#[tokio::test]
async fn keys_that_nobody_reads_do_not_hide_the_end() {
    with_docker(async |docker| {
        let world = World::on(docker.clone());
        let request = world.with_shell(&world.workspace()).await;
        let before = docker.programs(&request.name).await;
        let mut terminal = open(&world, &request).await;
        terminal.keyboard.press(b"stty raw -echo; echo rea\"\"dy; exec sleep 4006\r").await.unwrap();
        terminal.until("ready\n").await;
        docker.until_programs(&request.name, |all| has(all, "4006")).await;
        let Looked { mut keyboard, mut screen, .. } = terminal;
        // More than the kernel, the engine and everything between them hold.
        let paste = vec![b'x'; 4 << 20];
        let waits = tokio::time::timeout(Duration::from_secs(2), async {
            tokio::join!(keyboard.press(&paste), screen.next())
        });
        assert!(waits.await.is_err(), "somebody took 4 MiB that nobody reads");
        drop((keyboard, screen));
        docker.until_programs(&request.name, |all| *all == before).await;
    })
    .await;
}

#[tokio::test]
async fn bytes_pass_as_they_are() {
    with_docker(async |docker| {
        let world = World::on(docker.clone());
        let request = world.with_shell(&world.workspace()).await;
        let mut terminal = open(&world, &request).await;
        terminal.keyboard.press(b"stty raw -echo; echo rea\"\"dy; exec cat\r").await.unwrap();
        terminal.until("ready\n").await;
        let all: Vec<u8> = (0..=255).cycle().take(256 * 1024).collect();
        let Looked { mut keyboard, mut screen, .. } = terminal;
        let typing = async { keyboard.press(&all).await.unwrap() };
        let reading = async {
            let mut shown = Vec::new();
            while shown.len() < all.len() {
                match tokio::time::timeout(Duration::from_secs(20), screen.next()).await.unwrap() {
                    Some(Ok(Screen::Shows(bytes))) => shown.extend(bytes),
                    other => panic!("{other:?} after {} bytes", shown.len()),
                }
            }
            shown
        };
        let ((), shown) = tokio::join!(typing, reading);
        assert!(shown == all, "256 KiB of all bytes came back changed");
    })
    .await;
}

#[tokio::test]
async fn who_does_not_read_stops_who_writes() {
    with_docker(async |docker| {
        let world = World::on(docker.clone());
        let request = world.with_shell(&world.workspace()).await;
        let mut terminal = open(&world, &request).await;
        // What was written so far is told by the size of a file, since nobody looks at the screen.
        terminal.keyboard.press(b"stty -echo; yes | tee /written\r").await.unwrap();
        let written = docker.until_still(&request.name).await;
        assert!((1..16 << 20).contains(&written), "{written} bytes wait to be read");
        // It goes on when somebody reads, and can still be interrupted.
        terminal.until(&"y\r\n".repeat(1000)).await;
        terminal.keyboard.press(b"\x03").await.unwrap();
        terminal.keyboard.press(b"echo sti\"\"ll\r").await.unwrap();
        terminal.until("still\r\n").await;
    })
    .await;
}

#[tokio::test]
async fn an_image_without_a_shell_says_so() {
    with_docker(async |docker| {
        let world = World::on(docker.clone());
        let request = world.started(&world.workspace(), "web").await;
        let terminal = world.engine.open_terminal(&request.name, TerminalSize::default()).await.unwrap();
        let refused = Looked::at(terminal).end().await.unwrap_err();
        assert!(matches!(&refused, EngineError::Refused(text) if text.contains("no shell")), "{refused:?}");
    })
    .await;
}

fn has(programs: &[String], number: &str) -> bool {
    programs.iter().any(|program| program.ends_with(number))
}

impl TestDocker {
    /// Command lines in the container, sorted.
    async fn programs(&self, container: &str) -> Vec<String> {
        let options = TopOptionsBuilder::new().ps_args("-eo pid,args").build();
        let found = self.bare.top_processes(container, Some(options)).await.unwrap();
        let mut programs: Vec<_> =
            found.processes.unwrap_or_default().into_iter().map(|row| row[1..].join(" ")).collect();
        programs.sort();
        programs
    }

    async fn until_programs(&self, container: &str, found: impl Fn(&Vec<String>) -> bool) -> Vec<String> {
        let mut programs = Vec::new();
        for _ in 0..500 {
            programs = self.programs(container).await;
            if found(&programs) {
                return programs;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("waited in vain; last seen: {programs:?}");
    }

    /// The size of what was written, when it grows no more.
    async fn until_still(&self, container: &str) -> u64 {
        let command = ["/bin/stat", "-c", "%s", "/written"].map(str::to_owned);
        let (mut last, mut same) = (0, 0);
        for _ in 0..500 {
            let size = self.engine.exec(container, &command, Duration::from_secs(10)).await.unwrap();
            let size = String::from_utf8_lossy(&size.output).trim().parse().unwrap_or(0);
            same = if size == last && size > 0 { same + 1 } else { 0 };
            last = size;
            if same == 20 {
                return size;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it is written without end: {last} bytes");
    }
}
