//! Provision in two phases (MS-ASPROV 2.2.2): ask for the policy, acknowledge it.

use std::sync::Arc;

use wbxml::tags::provision as tags;
use wbxml::{Encoder, Node};

use crate::{PolicyKey, ProtocolError, ProvisionStatus, wire};

/// The policy type of 12.0 on.
pub const POLICY_TYPE_WBXML: &str = "MS-EAS-Provisioning-WBXML";

/// A Provision request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Policy type; [`POLICY_TYPE_WBXML`] from 12.0 on. Absent when only a remote wipe is acknowledged.
    pub policy_type: Option<Arc<str>>,
    /// In the second phase: the temporary key and how the policy was taken (1 applied).
    pub acknowledge: Option<(PolicyKey, ProvisionStatus)>,
    /// Status of a remote wipe that the client acknowledges.
    pub remote_wipe: Option<ProvisionStatus>,
}

/// A Provision response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// Status of the command.
    pub status: ProvisionStatus,
    /// Policy type, status of the policy, and its key: temporary in the first phase, final in the second.
    pub policy: Option<Policy>,
    /// Whether a remote wipe is asked for.
    pub remote_wipe: bool,
}

/// The policy of a response. The settings themselves are not modelled beyond being there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Policy type.
    pub policy_type: Arc<str>,
    /// Status of the policy.
    pub status: ProvisionStatus,
    /// The key.
    pub key: Option<PolicyKey>,
    /// Whether a policy document is enclosed (first phase).
    pub document: bool,
}

impl Request {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::PROVISION);
        if let Some(policy_type) = &self.policy_type {
            out.start(tags::POLICIES);
            out.start(tags::POLICY);
            out.leaf(tags::POLICY_TYPE, policy_type);
            if let Some((key, status)) = self.acknowledge {
                wire::leaf_number(out, tags::POLICY_KEY, key.0);
                wire::leaf_number(out, tags::STATUS, status.code());
            }
            out.end();
            out.end();
        }
        if let Some(status) = self.remote_wipe {
            out.start(tags::REMOTE_WIPE);
            wire::leaf_number(out, tags::STATUS, status.code());
            out.end();
        }
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        let policy = root.child(tags::POLICIES).and_then(|node| node.child(tags::POLICY));
        let key: Option<u32> =
            policy.map(|node| wire::child_number(node, tags::POLICY_KEY)).transpose()?.flatten();
        let status = |node: Node<'_>| wire::child_number(node, tags::STATUS);
        let policy_status: Option<u16> = policy.map(status).transpose()?.flatten();
        let wipe: Option<u16> = root.child(tags::REMOTE_WIPE).map(status).transpose()?.flatten();
        Ok(Self {
            policy_type: policy.and_then(|node| wire::child_text(node, tags::POLICY_TYPE)),
            acknowledge: key.map(|key| {
                let status =
                    policy_status.map_or(ProvisionStatus::Success, ProvisionStatus::from_code);
                (PolicyKey(key), status)
            }),
            remote_wipe: wipe.map(ProvisionStatus::from_code),
        })
    }
}

impl Response {
    pub(crate) fn write(&self, out: &mut Encoder) {
        out.start(tags::PROVISION);
        wire::leaf_number(out, tags::STATUS, self.status.code());
        if let Some(policy) = &self.policy {
            out.start(tags::POLICIES);
            out.start(tags::POLICY);
            out.leaf(tags::POLICY_TYPE, &policy.policy_type);
            wire::leaf_number(out, tags::STATUS, policy.status.code());
            wire::leaf_number_if(out, tags::POLICY_KEY, policy.key.map(|key| key.0));
            if policy.document {
                out.start(tags::DATA);
                out.start(tags::EAS_PROVISION_DOC);
                out.leaf(tags::DEVICE_PASSWORD_ENABLED, "0");
                out.end();
                out.end();
            }
            out.end();
            out.end();
        }
        if self.remote_wipe {
            out.empty(tags::REMOTE_WIPE);
        }
        out.end();
    }

    pub(crate) fn read(root: Node<'_>) -> Result<Self, ProtocolError> {
        let status: Option<u16> = wire::child_number(root, tags::STATUS)?;
        let status =
            status.ok_or_else(|| wire::structure(root, "Provision lacks Status".into()))?;
        let policy = root.child(tags::POLICIES).and_then(|node| node.child(tags::POLICY));
        Ok(Self {
            status: ProvisionStatus::from_code(status),
            policy: policy.map(Policy::read).transpose()?,
            remote_wipe: root.child(tags::REMOTE_WIPE).is_some(),
        })
    }
}

impl Policy {
    fn read(node: Node<'_>) -> Result<Self, ProtocolError> {
        let status: Option<u16> = wire::child_number(node, tags::STATUS)?;
        let key: Option<u32> = wire::child_number(node, tags::POLICY_KEY)?;
        Ok(Self {
            policy_type: wire::child_text(node, tags::POLICY_TYPE)
                .unwrap_or_else(|| POLICY_TYPE_WBXML.into()),
            status: status.map_or(ProvisionStatus::Success, ProvisionStatus::from_code),
            key: key.map(PolicyKey),
            document: node.child(tags::DATA).is_some(),
        })
    }
}
