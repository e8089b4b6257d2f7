//! Traefik is killed and started again, over and over, while clients ask and routes change.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use devsanctum::adapters::proxy::traefik::Shape;
use futures::future::join_all;
use http::StatusCode;
use http_body_util::BodyExt;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::net::TcpStream;

use super::{
    estate::{Estate, Place, Verdict},
    soak::{extent, figure, percentiles},
    traefik::Stand,
    world::{PATIENCE, World, eventually, get},
};
use crate::support::traefik::{Traefik, Way};

const BACKENDS: usize = 8;
const CLIENTS: usize = 6;
/// Stays where it is, and is looked at without a pause.
const STEADY: usize = 0;
/// Between two changes of routes.
const PACE: Duration = Duration::from_millis(50);
/// After a change that did not get through.
const RETRY: Duration = Duration::from_secs(1);
/// Between two tries while nobody answers.
const PAUSE: Duration = Duration::from_millis(1);

/// Asks again and again, over one connection for as long as that lasts.
struct Client<'a> {
    world: &'a World,
    sender: Option<SendRequest<http_body_util::Full<bytes::Bytes>>>,
}

impl<'a> Client<'a> {
    fn of(world: &'a World) -> Self {
        Self { world, sender: None }
    }

    /// `None`: nobody is there, or went away before the answer was whole.
    async fn ask(&mut self, host: &str) -> Option<(StatusCode, bytes::Bytes)> {
        let mut sender = match self.sender.take() {
            Some(sender) => sender,
            None => {
                let stream = TcpStream::connect(self.world.address()).await.ok()?;
                let (sender, connection) =
                    hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
                tokio::spawn(connection);
                sender
            }
        };
        let exchange = async {
            sender.ready().await?;
            let (head, body) = sender.send_request(get(host, "/whoami")).await?.into_parts();
            Ok::<_, hyper::Error>((head.status, body.collect().await?.to_bytes()))
        };
        let answer = tokio::time::timeout(PATIENCE, exchange).await.expect("no answer").ok()?;
        self.sender = Some(sender);
        Some(answer)
    }
}

#[derive(Default)]
struct Count {
    right: AtomicUsize,
    missing: AtomicUsize,
    over: AtomicBool,
}

impl Count {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    fn right(&self) -> usize {
        self.right.load(Ordering::SeqCst)
    }
}

/// Whichever workspaces it asks for, no other answers.
async fn hammer(world: &World, estate: &Estate, count: &Count, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut client = Client::of(world);
    while !count.is_over() {
        let i = random.random_range(0..estate.tenants.len());
        let asked = Instant::now();
        let answer = client.ask(&estate.tenants[i].host()).await;
        match answer.map(|(status, body)| estate.judge(i, asked, status, &body)) {
            Some(Verdict::Right) => count.right.fetch_add(1, Ordering::SeqCst),
            Some(Verdict::Missing) => count.missing.fetch_add(1, Ordering::SeqCst),
            None => {
                tokio::time::sleep(PAUSE).await;
                count.missing.fetch_add(1, Ordering::SeqCst)
            }
        };
    }
}

/// Changes routes, and fills a Traefik that has lost them, as the reconciler of routes does. A change that does not get
/// through is tried again as part of the whole.
async fn keep(world: &World, estate: &Estate, count: &Count) {
    let mut random = StdRng::seed_from_u64(0);
    let mut lost = world.provider().lost();
    let mut known = true;
    while !count.is_over() {
        let lose = tokio::select! {
            () = &mut lost => true,
            () = tokio::time::sleep(if known { PACE } else { RETRY }) => false,
        };
        if lose {
            lost = world.provider().lost();
        }
        if lose || !known {
            known = world.provider().publish_all(world.next_edition(), estate.routes().into()).await.is_ok();
            if known {
                estate.all_arrived();
            }
            continue;
        }
        let i = random.random_range(STEADY + 1..estate.tenants.len());
        let place = match random.random_range(0..10) {
            0 => Place::Nowhere,
            1 => Place::Stopped,
            _ => Place::At(random.random_range(0..BACKENDS)),
        };
        let change = vec![(estate.tenants[i].id, estate.move_to(i, place))];
        known = world.provider().publish_changes(world.next_edition(), change).await.is_ok();
        if known {
            estate.arrived(i);
        }
    }
}

/// From the first request that fails until the first that is answered again.
async fn time_without_a_route(world: &World, estate: &Estate) -> Duration {
    let mut client = Client::of(world);
    let host = estate.tenants[STEADY].host();
    let mut failed = None;
    let watching = async {
        loop {
            let asked = Instant::now();
            let answer = client.ask(&host).await;
            let verdict = answer.map(|(status, body)| estate.judge(STEADY, asked, status, &body));
            match (verdict, failed) {
                (Some(Verdict::Right), Some(failed)) => return Instant::now() - failed,
                (Some(Verdict::Right), None) => tokio::task::yield_now().await,
                _ => {
                    failed.get_or_insert_with(Instant::now);
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::time::timeout(PATIENCE, watching).await.expect("the route does not come back")
}

/// Kills it and starts it again; returns the time without a route, and Traefik's own part: until its API answers.
async fn once(world: &World, estate: &Estate, traefik: &mut Traefik) -> (Duration, Duration) {
    let restarting = async {
        traefik.kill().await;
        let began = Instant::now();
        traefik.start_again().await;
        began.elapsed()
    };
    tokio::join!(time_without_a_route(world, estate), restarting)
}

async fn killed_again_and_again(way: Way, shape: Shape) {
    let (plane, mut traefik, _) = Stand::of(way, shape, |_| {}).await.plane().await;
    let world = World::around(plane);
    let (tenants, restarts) = extent((100, 2), (1_000, 50));
    let estate = Estate::build(&world, tenants, BACKENDS).await;
    world.publish_all(estate.routes()).await;
    let count = Count::default();
    let restarting = async {
        let (mut without, mut starting) = (Vec::new(), Vec::new());
        for _ in 0..restarts {
            let before = count.right();
            eventually("clients are served", async || count.right() > before + 200).await;
            let (gap, start) = once(&world, &estate, &mut traefik).await;
            without.push(gap);
            starting.push(start);
            eventually("readiness sees it", async || !world.is_failing().await).await;
        }
        count.over.store(true, Ordering::SeqCst);
        (without, starting)
    };
    let clients = join_all((1..=CLIENTS as u64).map(|seed| hammer(&world, &estate, &count, seed)));
    let ((mut without, mut starting), (), _) =
        tokio::join!(restarting, keep(&world, &estate, &count), clients);
    let what = |what: &str| format!("{restarts} restarts with {tenants} routes: {what}");
    figure(&world, &what("without a route"), percentiles(&mut without));
    figure(&world, &what("of which Traefik's own start"), percentiles(&mut starting));
    let (right, missing) = (count.right(), count.missing.load(Ordering::SeqCst));
    figure(&world, &what("answers"), format!("{right} right, {missing} missing, 0 wrong"));
    drop(traefik);
    world.end().await;
}

macro_rules! planes {
    ($($name:ident: $way:ident, $shape:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            killed_again_and_again(Way::$way, Shape::$shape).await;
        }
    )*};
}

planes! {
    traefik_rest_comes_back_with_its_routes: Rest, PerRoute;
    traefik_http_comes_back_with_its_routes: Http, PerRoute;
    traefik_file_comes_back_with_its_routes: File, PerRoute;
    traefik_wildcard_comes_back_with_its_routes: Rest, Wildcard;
}
