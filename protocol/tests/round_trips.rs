//! Every request and response reads back from its own bytes, whatever optional parts it has.

use activesync::folders::{
    Change, CreateRequest, DeleteRequest, EditResponse, Folder, FolderType, SyncRequest,
    SyncResponse, UpdateRequest,
};
use activesync::sync::{
    ClientCommand, Collection, CollectionResponse, ItemResponse, Options, ServerCommand,
};
use activesync::{
    Body, EstimateStatus, Flag, FolderStatus, Mail, MoveStatus, PingStatus, PolicyKey,
    ProvisionStatus, Request, Response, SyncKey, SyncStatus, Timestamp, estimate, moves, ping,
    provision, sync,
};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 äß€\u{1F600}<&>:{}-]{1,12}"
}

fn mail() -> impl Strategy<Value = Mail> {
    let flag = (0_u8..3, text())
        .prop_map(|(status, kind)| Flag { status, flag_type: (status != 0).then(|| kind.into()) });
    let body = (1_u8..5, proptest::option::of(any::<u32>()), any::<bool>(), text()).prop_map(
        |(kind, estimated_size, truncated, data)| Body {
            kind,
            estimated_size,
            truncated: Some(truncated),
            data: Some(data.into()),
        },
    );
    let categories = proptest::collection::vec(text().prop_map(Into::into), 0..3);
    (
        proptest::option::of(text()),
        proptest::option::of(0_i64..4_000_000_000),
        proptest::option::of(any::<bool>()),
        proptest::option::of(flag),
        proptest::option::of(categories),
        proptest::option::of(body),
        proptest::option::of(any::<bool>()),
    )
        .prop_map(|(subject, date, read, flag, categories, body, is_draft)| Mail {
            to: None,
            from: subject.clone().map(Into::into),
            subject: subject.map(Into::into),
            date_received: date.map(Timestamp),
            message_class: None,
            read,
            flag,
            categories,
            body,
            is_draft,
        })
}

fn client_command() -> impl Strategy<Value = ClientCommand> {
    prop_oneof![
        (text(), mail(), any::<bool>()).prop_map(|(id, data, send)| ClientCommand::Add {
            client_id: id.into(),
            data,
            send
        }),
        (text(), mail(), any::<bool>()).prop_map(|(id, data, send)| ClientCommand::Change {
            server_id: id.into(),
            data,
            send
        }),
        text().prop_map(|id| ClientCommand::Delete { server_id: id.into() }),
        text().prop_map(|id| ClientCommand::Fetch { server_id: id.into() }),
    ]
}

fn collection() -> impl Strategy<Value = Collection> {
    let options = (
        proptest::option::of(0_u8..9),
        proptest::option::of(0_u8..2),
        proptest::option::of((1_u8..5, proptest::option::of(any::<u32>()))),
    )
        .prop_map(|(filter_type, conflict, body_preference)| Options {
            filter_type,
            conflict,
            body_preference,
        });
    (
        (text(), text()),
        proptest::option::of(any::<bool>()),
        proptest::option::of(any::<bool>()),
        proptest::option::of(any::<u32>()),
        proptest::option::of(options),
        proptest::collection::vec(client_command(), 0..4),
    )
        .prop_map(
            |((id, key), deletes_as_moves, get_changes, window_size, options, commands)| {
                Collection {
                    deletes_as_moves,
                    get_changes,
                    window_size,
                    options,
                    commands,
                    ..Collection::new(id.into(), key.into())
                }
            },
        )
}

fn server_command() -> impl Strategy<Value = ServerCommand> {
    prop_oneof![
        (text(), mail()).prop_map(|(id, data)| ServerCommand::Add { server_id: id.into(), data }),
        (text(), mail())
            .prop_map(|(id, data)| ServerCommand::Change { server_id: id.into(), data }),
        text().prop_map(|id| ServerCommand::Delete { server_id: id.into() }),
        text().prop_map(|id| ServerCommand::SoftDelete { server_id: id.into() }),
    ]
}

fn item_response() -> impl Strategy<Value = ItemResponse> {
    let status = || (1_u16..20).prop_map(SyncStatus::from_code);
    prop_oneof![
        (text(), proptest::option::of(text()), status()).prop_map(|(id, server_id, status)| {
            ItemResponse::Add { client_id: id.into(), server_id: server_id.map(Into::into), status }
        }),
        (text(), status())
            .prop_map(|(id, status)| ItemResponse::Change { server_id: id.into(), status }),
        (text(), status())
            .prop_map(|(id, status)| ItemResponse::Delete { server_id: id.into(), status }),
        (text(), status(), proptest::option::of(mail())).prop_map(|(id, status, data)| {
            ItemResponse::Fetch { server_id: id.into(), status, data }
        }),
    ]
}

fn collection_response() -> impl Strategy<Value = CollectionResponse> {
    (
        (text(), proptest::option::of(text())),
        1_u16..20,
        any::<bool>(),
        proptest::collection::vec(item_response(), 0..4),
        proptest::collection::vec(server_command(), 0..4),
    )
        .prop_map(|((id, key), status, more_available, responses, commands)| {
            CollectionResponse {
                sync_key: key.map(SyncKey::from),
                collection_id: id.into(),
                status: SyncStatus::from_code(status),
                more_available,
                responses,
                commands,
            }
        })
}

fn request_reads_back(request: &Request) {
    let body = request.encode().unwrap();
    let back = Request::decode(request.command(), body.as_deref()).unwrap();
    assert_eq!(back, *request);
}

fn response_reads_back(response: &Response) {
    let body = response.encode().unwrap();
    let back = Response::decode(response.command(), body.as_deref()).unwrap();
    assert_eq!(back, *response);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn sync_requests_read_back(
        collections in proptest::collection::vec(collection(), 1..4),
        wait_minutes in proptest::option::of(any::<u32>()),
        heartbeat_seconds in proptest::option::of(any::<u32>()),
        window_size in proptest::option::of(any::<u32>()),
        partial: bool,
    ) {
        request_reads_back(&Request::Sync(Some(sync::Request {
            collections, wait_minutes, heartbeat_seconds, window_size, partial,
        })));
    }

    #[test]
    fn sync_responses_read_back(
        collections in proptest::collection::vec(collection_response(), 0..4),
        status in proptest::option::of(1_u16..200),
        limit in proptest::option::of(any::<u32>()),
    ) {
        let status = status.map(SyncStatus::from_code);
        response_reads_back(&Response::Sync(Some(sync::Response { status, limit, collections })));
    }

    #[test]
    fn any_bytes_are_an_error_or_a_command(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        // Whatever it is, it is told; what is accepted can be written again.
        for command in activesync::Command::ALL {
            if let Ok(request) = Request::decode(*command, Some(&bytes)) {
                request_reads_back(&request);
            }
            if let Ok(response) = Response::decode(*command, Some(&bytes)) {
                response_reads_back(&response);
            }
        }
    }
}

#[test]
fn the_other_commands_read_back() {
    let folder = Folder {
        server_id: "7".into(),
        parent_id: "0".into(),
        display_name: "Grüße".into(),
        folder_type: FolderType::UserMail,
    };
    let key = || SyncKey::from("{4}9");
    for request in [
        Request::FolderSync(SyncRequest { sync_key: key() }),
        Request::FolderCreate(CreateRequest {
            sync_key: key(),
            parent_id: "0".into(),
            display_name: "a".into(),
            folder_type: FolderType::UserMail,
        }),
        Request::FolderUpdate(UpdateRequest {
            sync_key: key(),
            server_id: "7".into(),
            parent_id: "0".into(),
            display_name: "b".into(),
        }),
        Request::FolderDelete(DeleteRequest { sync_key: key(), server_id: "7".into() }),
        Request::Sync(None),
        Request::Ping(None),
        Request::Ping(Some(ping::Request {
            heartbeat_seconds: Some(60),
            folders: Some(vec![ping::Folder { id: "7".into(), class: "Email".into() }]),
        })),
        Request::MoveItems(moves::Request {
            moves: vec![moves::Move {
                source_id: "7:1".into(),
                source_folder: "7".into(),
                destination_folder: "8".into(),
            }],
        }),
        Request::GetItemEstimate(estimate::Request {
            collections: vec![("7".into(), key(), Some(3)), ("8".into(), key(), None)],
        }),
        Request::Provision(provision::Request {
            policy_type: Some(provision::POLICY_TYPE_WBXML.into()),
            acknowledge: Some((PolicyKey(9), ProvisionStatus::Success)),
            remote_wipe: None,
        }),
    ] {
        request_reads_back(&request);
    }
    for response in [
        Response::FolderSync(SyncResponse {
            status: FolderStatus::Success,
            sync_key: Some(key()),
            changes: vec![
                Change::Add(folder.clone()),
                Change::Update(folder),
                Change::Delete("9".into()),
            ],
        }),
        Response::FolderCreate(EditResponse {
            status: FolderStatus::Success,
            sync_key: Some(key()),
            server_id: Some("7".into()),
        }),
        Response::FolderDelete(EditResponse {
            status: FolderStatus::NotFound,
            sync_key: None,
            server_id: None,
        }),
        Response::MoveItems(moves::Response {
            moved: vec![moves::Moved {
                source_id: "7:1".into(),
                status: MoveStatus::Success,
                destination_id: Some("8:1".into()),
            }],
        }),
        Response::Ping(ping::Response {
            folders: vec!["7".into()],
            ..ping::Response::status(PingStatus::Changes)
        }),
        Response::GetItemEstimate(estimate::Response {
            estimates: vec![estimate::Estimate {
                status: EstimateStatus::Success,
                collection_id: Some("7".into()),
                estimate: Some(3),
            }],
        }),
        Response::Provision(provision::Response {
            status: ProvisionStatus::Success,
            policy: Some(provision::Policy {
                policy_type: provision::POLICY_TYPE_WBXML.into(),
                status: ProvisionStatus::Success,
                key: Some(PolicyKey(9)),
                document: true,
            }),
            remote_wipe: true,
        }),
    ] {
        response_reads_back(&response);
    }
}

#[test]
fn bodies_printed_in_the_specification_read_as_said() {
    // MS-ASHTTP 4.1: FolderSync response of 25 bytes, Status 1, SyncKey 2, Count 0.
    let body = [
        0x03, 0x01, 0x6A, 0x00, 0x00, 0x07, 0x56, 0x4C, 0x03, 0x31, 0x00, 0x01, 0x52, 0x03, 0x32,
        0x00, 0x01, 0x4E, 0x57, 0x03, 0x30, 0x00, 0x01, 0x01, 0x01,
    ];
    let response = Response::FolderSync(SyncResponse {
        status: FolderStatus::Success,
        sync_key: Some("2".into()),
        changes: Vec::new(),
    });
    assert_eq!(response.encode().unwrap().as_deref(), Some(&body[..]));
    response_reads_back(&response);
}
