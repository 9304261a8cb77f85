//! The first stage: request line, policy, body.

use activesync::http::{CONTENT_TYPE, HttpRequest, HttpResponse, Method, RequestLine};
use activesync::{
    Command, CommonStatus, DeviceId, FolderStatus, PingStatus, PolicyKey, ProtocolError,
    ProtocolVersion, ProvisionStatus, Request, Response, SyncStatus, folders, ping,
    provision as provisioning, sync as syncing,
};

use crate::server::{Context, Job};
use crate::{estimate, hierarchy, moves, ping as pinging, provision, sync};

/// The commands offered.
const COMMANDS: [Command; 9] = [
    Command::Sync,
    Command::FolderSync,
    Command::FolderCreate,
    Command::FolderDelete,
    Command::FolderUpdate,
    Command::MoveItems,
    Command::GetItemEstimate,
    Command::Ping,
    Command::Provision,
];

/// Who asks, and how.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub device: DeviceId,
    pub version: ProtocolVersion,
}

/// Takes a request in and decides what has to be done about it.
pub(crate) fn accept(
    context: &mut Context<'_>,
    request: &HttpRequest,
    line: Result<RequestLine, ProtocolError>,
) -> Job {
    if request.method == Method::Options {
        return Job::Respond(options(context));
    }
    let Ok(line) = line else { return Job::Respond(HttpResponse::new(400, Vec::new())) };
    let Some(version) = line.version.filter(|v| context.config.versions.contains(v)) else {
        return Job::Respond(HttpResponse::new(400, Vec::new()));
    };
    let command = line.command;
    if !COMMANDS.contains(&command) {
        return Job::Respond(HttpResponse::new(501, Vec::new()));
    }
    let refuse = |status| Job::Respond(refusal(command, version, status));
    if context.read_fails() || context.write_fails() {
        return refuse(CommonStatus::ServerErrorRetryLater);
    }
    let caller = Caller { device: context.judge.state_owner(&line.device_id), version };
    if command != Command::Provision
        && let Some(status) = policy_problem(context, &caller.device, line.policy_key)
    {
        return refuse(status);
    }
    match Request::decode(command, request.body()) {
        Err(ProtocolError::Wbxml(_)) => refuse(CommonStatus::InvalidWbxml),
        Err(ProtocolError::NoBody(_)) => refuse(CommonStatus::InvalidContent),
        Err(_) => refuse(CommonStatus::InvalidXml),
        Ok(Request::Sync(request)) => sync::admit(context, caller, request),
        Ok(Request::MoveItems(request)) => moves::admit(context, caller, request),
        Ok(Request::Ping(request)) => pinging::admit(context, &caller, request),
        Ok(Request::GetItemEstimate(request)) => estimate::admit(caller, request),
        Ok(Request::Provision(request)) => provision::admit(caller, request),
        Ok(
            request @ (Request::FolderSync(_)
            | Request::FolderCreate(_)
            | Request::FolderUpdate(_)
            | Request::FolderDelete(_)),
        ) => hierarchy::admit(caller, request),
    }
}

/// Why a device may not speak yet (MS-ASCMD 2.2.4, statuses 140 to 144).
fn policy_problem(
    context: &Context<'_>,
    device: &DeviceId,
    presented: Option<PolicyKey>,
) -> Option<CommonStatus> {
    let policy = context.store.device(device).map(|state| &state.policy);
    if policy.is_some_and(|policy| policy.wipe) {
        return Some(CommonStatus::RemoteWipe);
    }
    if !context.config.policy {
        return None;
    }
    let valid = policy.and_then(|policy| policy.key);
    match presented.filter(|key| key.0 != 0) {
        None => Some(CommonStatus::NotProvisioned),
        Some(key) if Some(key) == valid => None,
        Some(_) if valid.is_none() => Some(CommonStatus::NotProvisioned),
        Some(_) => Some(CommonStatus::InvalidPolicyKey),
    }
}

fn options(context: &Context<'_>) -> HttpResponse {
    let list = |texts: Vec<String>| texts.join(",");
    let versions = list(context.config.versions.iter().map(ToString::to_string).collect());
    let commands = list(COMMANDS.iter().map(ToString::to_string).collect());
    let mut response = HttpResponse::new(200, Vec::new());
    response.headers = vec![
        ("MS-ASProtocolVersions".into(), versions),
        ("MS-ASProtocolCommands".into(), commands),
    ];
    response
}

/// An answer as HTTP.
pub(crate) fn reply(response: &Response) -> HttpResponse {
    match response.encode() {
        Ok(body) => {
            let mut http = HttpResponse::new(200, body.unwrap_or_default());
            if !http.body.is_empty() {
                http.headers.push(("Content-Type".into(), CONTENT_TYPE.into()));
            }
            http
        }
        Err(_) => HttpResponse::new(500, Vec::new()),
    }
}

/// A refusal: from 14.0 on a status below the root, before that, and where a command has no place for one, an HTTP status
/// (MS-ASCMD R7545 to R7566).
pub(crate) fn refusal(
    command: Command,
    version: ProtocolVersion,
    status: CommonStatus,
) -> HttpResponse {
    let code = status.code();
    let folder = FolderStatus::Other(code);
    let edit = folders::EditResponse { status: folder, sync_key: None, server_id: None };
    let response = match command {
        _ if version < ProtocolVersion::V14_0 => None,
        Command::Sync => Some(Response::Sync(Some(syncing::Response {
            status: Some(SyncStatus::Other(code)),
            ..syncing::Response::default()
        }))),
        Command::FolderSync => Some(Response::FolderSync(folders::SyncResponse {
            status: folder,
            sync_key: None,
            changes: Vec::new(),
        })),
        Command::FolderCreate => Some(Response::FolderCreate(edit)),
        Command::FolderUpdate => Some(Response::FolderUpdate(edit)),
        Command::FolderDelete => Some(Response::FolderDelete(edit)),
        Command::Ping => Some(Response::Ping(ping::Response::status(PingStatus::Other(code)))),
        Command::Provision => Some(Response::Provision(provisioning::Response {
            status: ProvisionStatus::Other(code),
            policy: None,
            remote_wipe: false,
        })),
        _ => None,
    };
    response.map_or_else(|| HttpResponse::new(http_status(status), Vec::new()), |r| reply(&r))
}

fn http_status(status: CommonStatus) -> u16 {
    match status {
        CommonStatus::InvalidContent | CommonStatus::InvalidWbxml | CommonStatus::InvalidXml => 400,
        CommonStatus::ServerErrorRetryLater => 503,
        CommonStatus::RemoteWipe
        | CommonStatus::LegacyDevice
        | CommonStatus::NotProvisioned
        | CommonStatus::PolicyRefresh
        | CommonStatus::InvalidPolicyKey => 449,
        _ => 500,
    }
}
