//! Documents, mails and workloads from finite entropy.
