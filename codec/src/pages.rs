//! The code pages of MS-ASWBXML, as one table from which everything else is derived.
//!
//! A row reads
//!
//! ```text
//! token CONSTANT "Name" content status "first-last version" ["older name", …];
//! ```
//!
//! and gives the constant [`tags::air_sync::SYNC`](crate::tags::air_sync::SYNC) with its
//! documentation, the lookup in both directions, and what `lint` compares a document with.
//!
//! Naming is mechanical: a module is the namespace in snake case (`Move` becomes `move_`, a
//! keyword), a constant is the tag name in upper snake case, where a word begins at a capital that
//! follows a small letter or a digit, or that follows a capital and precedes a small letter:
//! `MIMEData` is `MIME_DATA`, `UmCallerID` is `UM_CALLER_ID`, `Email1Address` is `EMAIL1_ADDRESS`.
//! Each token has one constant, by its newest name; older names (`ForwardeeName` for ComposeMail
//! `Name`, `DeviceEncryptionEnabled`, `Attendee_Email` …) are found by [`Tag::from_name`](crate::Tag::from_name).

use crate::table::{CodePage, Content, Markup, Status, Table, TagInfo};

macro_rules! code_pages {
    ($($page:literal $namespace:literal $module:ident {
        $($token:literal $constant:ident $name:literal $content:ident $status:ident
          $versions:literal [$($alias:literal),*];)*
    })*) => {
        /// A constant per tag, in a module per namespace: `tags::air_sync::SYNC_KEY`.
        ///
        /// The naming rule is mechanical: the module is the namespace in snake case (`Move` is
        /// `move_`), the constant is the tag name in upper snake case.
        pub mod tags {
            $(
                #[doc = concat!("Code page ", $page, ", `", $namespace, "`.")]
                pub mod $module {
                    use crate::Tag;
                    $(
                        #[doc = concat!("`", $namespace, ":", $name, "`, code page ", $page,
                            ", token ", $token, "; ", stringify!($status), " ", $versions, ".")]
                        pub const $constant: Tag = Tag::new($page, $token);
                    )*
                }
            )*
        }

        static PAGES: &[CodePage] = &[$(
            CodePage::with_markup($page, $namespace, &[$(
                TagInfo {
                    token: $token,
                    name: $name,
                    aliases: &[$($alias),*],
                    content: Content::$content,
                    status: Status::$status,
                    versions: $versions,
                },
            )*], &[$(
                Markup {
                    start: concat!("<", $name, ">"),
                    declared: concat!("<", $name, " xmlns=\"", $namespace, "\">"),
                    end: concat!("</", $name, ">"),
                },
            )*]),
        )*];
    };
}

/// The table of MS-ASWBXML: code pages 0 to 25.
///
/// ```
/// let tag = wbxml::ACTIVE_SYNC.find("AirSync:", "synckey").unwrap();
/// assert_eq!(tag, wbxml::tags::air_sync::SYNC_KEY);
/// assert_eq!(wbxml::ACTIVE_SYNC.info(tag).unwrap().name, "SyncKey");
/// ```
pub static ACTIVE_SYNC: Table = Table::new(PAGES);

code_pages! {
    0 "AirSync" air_sync {
        0x05 SYNC "Sync" Container Current "2.5-16.1" [];
        0x06 RESPONSES "Responses" Container Current "2.5-16.1" [];
        0x07 ADD "Add" Container Current "2.5-16.1" [];
        0x08 CHANGE "Change" Container Current "2.5-16.1" [];
        0x09 DELETE "Delete" Container Current "2.5-16.1" [];
        0x0A FETCH "Fetch" Container Current "2.5-16.1" [];
        0x0B SYNC_KEY "SyncKey" Text Current "2.5-16.1" [];
        0x0C CLIENT_ID "ClientId" Text Current "2.5-16.1" [];
        0x0D SERVER_ID "ServerId" Text Current "2.5-16.1" [];
        0x0E STATUS "Status" Text Current "2.5-16.1" [];
        0x0F COLLECTION "Collection" Container Current "2.5-16.1" [];
        0x10 CLASS "Class" Text Current "2.5-16.1" [];
        0x11 VERSION "Version" Text Legacy "" [];
        0x12 COLLECTION_ID "CollectionId" Text Current "2.5-16.1" [];
        0x13 GET_CHANGES "GetChanges" Text Current "2.5-16.1" [];
        0x14 MORE_AVAILABLE "MoreAvailable" Empty Current "2.5-16.1" [];
        0x15 WINDOW_SIZE "WindowSize" Text Current "2.5-16.1" [];
        0x16 COMMANDS "Commands" Container Current "2.5-16.1" [];
        0x17 OPTIONS "Options" Container Current "2.5-16.1" [];
        0x18 FILTER_TYPE "FilterType" Text Current "2.5-16.1" [];
        0x19 TRUNCATION "Truncation" Text Only25 "2.5" [];
        0x1A RTF_TRUNCATION "RTFTruncation" Unknown Legacy "" [];
        0x1B CONFLICT "Conflict" Text Current "2.5-16.1" [];
        0x1C COLLECTIONS "Collections" Container Current "2.5-16.1" [];
        0x1D APPLICATION_DATA "ApplicationData" Container Current "2.5-16.1" [];
        0x1E DELETES_AS_MOVES "DeletesAsMoves" Text Current "2.5-16.1" [];
        0x1F NOTIFY_GUID "NotifyGUID" Unknown Legacy "" [];
        0x20 SUPPORTED "Supported" Container Current "2.5-16.1" [];
        0x21 SOFT_DELETE "SoftDelete" Container Current "2.5-16.1" [];
        0x22 MIME_SUPPORT "MIMESupport" Text Current "2.5-16.1" [];
        0x23 MIME_TRUNCATION "MIMETruncation" Text Current "2.5-16.1" [];
        0x24 WAIT "Wait" Text Current "12.1-16.1" [];
        0x25 LIMIT "Limit" Text Current "12.1-16.1" [];
        0x26 PARTIAL "Partial" Empty Current "12.1-16.1" [];
        0x27 CONVERSATION_MODE "ConversationMode" Text Current "14.0-16.1" [];
        0x28 MAX_ITEMS "MaxItems" Text Current "14.0-16.1" [];
        0x29 HEARTBEAT_INTERVAL "HeartbeatInterval" Text Current "14.0-16.1" [];
    }
    1 "Contacts" contacts {
        0x05 ANNIVERSARY "Anniversary" Text Current "2.5-16.1" [];
        0x06 ASSISTANT_NAME "AssistantName" Text Current "2.5-16.1" [];
        0x07 ASSISTANT_PHONE_NUMBER "AssistantPhoneNumber" Text Current "2.5-16.1" ["AssistantTelephoneNumber"];
        0x08 BIRTHDAY "Birthday" Text Current "2.5-16.1" [];
        0x09 BODY "Body" Text Only25 "2.5" [];
        0x0A BODY_SIZE "BodySize" Text Only25 "2.5" [];
        0x0B BODY_TRUNCATED "BodyTruncated" Text Only25 "2.5" [];
        0x0C BUSINESS2_PHONE_NUMBER "Business2PhoneNumber" Text Current "2.5-16.1" [];
        0x0D BUSINESS_ADDRESS_CITY "BusinessAddressCity" Text Current "2.5-16.1" ["BusinessCity"];
        0x0E BUSINESS_ADDRESS_COUNTRY "BusinessAddressCountry" Text Current "2.5-16.1" ["BusinessCountry"];
        0x0F BUSINESS_ADDRESS_POSTAL_CODE "BusinessAddressPostalCode" Text Current "2.5-16.1" ["BusinessPostalCode"];
        0x10 BUSINESS_ADDRESS_STATE "BusinessAddressState" Text Current "2.5-16.1" ["BusinessState"];
        0x11 BUSINESS_ADDRESS_STREET "BusinessAddressStreet" Text Current "2.5-16.1" ["BusinessStreet"];
        0x12 BUSINESS_FAX_NUMBER "BusinessFaxNumber" Text Current "2.5-16.1" [];
        0x13 BUSINESS_PHONE_NUMBER "BusinessPhoneNumber" Text Current "2.5-16.1" [];
        0x14 CAR_PHONE_NUMBER "CarPhoneNumber" Text Current "2.5-16.1" [];
        0x15 CATEGORIES "Categories" Mixed Current "2.5-16.1" [];
        0x16 CATEGORY "Category" Text Current "2.5-16.1" [];
        0x17 CHILDREN "Children" Mixed Current "2.5-16.1" [];
        0x18 CHILD "Child" Text Current "2.5-16.1" [];
        0x19 COMPANY_NAME "CompanyName" Text Current "2.5-16.1" [];
        0x1A DEPARTMENT "Department" Text Current "2.5-16.1" [];
        0x1B EMAIL1_ADDRESS "Email1Address" Text Current "2.5-16.1" [];
        0x1C EMAIL2_ADDRESS "Email2Address" Text Current "2.5-16.1" [];
        0x1D EMAIL3_ADDRESS "Email3Address" Text Current "2.5-16.1" [];
        0x1E FILE_AS "FileAs" Text Current "2.5-16.1" [];
        0x1F FIRST_NAME "FirstName" Text Current "2.5-16.1" [];
        0x20 HOME2_PHONE_NUMBER "Home2PhoneNumber" Text Current "2.5-16.1" [];
        0x21 HOME_ADDRESS_CITY "HomeAddressCity" Text Current "2.5-16.1" ["HomeCity"];
        0x22 HOME_ADDRESS_COUNTRY "HomeAddressCountry" Text Current "2.5-16.1" ["HomeCountry"];
        0x23 HOME_ADDRESS_POSTAL_CODE "HomeAddressPostalCode" Text Current "2.5-16.1" ["HomePostalCode"];
        0x24 HOME_ADDRESS_STATE "HomeAddressState" Text Current "2.5-16.1" ["HomeState"];
        0x25 HOME_ADDRESS_STREET "HomeAddressStreet" Text Current "2.5-16.1" ["HomeStreet"];
        0x26 HOME_FAX_NUMBER "HomeFaxNumber" Text Current "2.5-16.1" [];
        0x27 HOME_PHONE_NUMBER "HomePhoneNumber" Text Current "2.5-16.1" [];
        0x28 JOB_TITLE "JobTitle" Text Current "2.5-16.1" [];
        0x29 LAST_NAME "LastName" Text Current "2.5-16.1" [];
        0x2A MIDDLE_NAME "MiddleName" Text Current "2.5-16.1" [];
        0x2B MOBILE_PHONE_NUMBER "MobilePhoneNumber" Text Current "2.5-16.1" [];
        0x2C OFFICE_LOCATION "OfficeLocation" Text Current "2.5-16.1" [];
        0x2D OTHER_ADDRESS_CITY "OtherAddressCity" Text Current "2.5-16.1" ["OtherCity"];
        0x2E OTHER_ADDRESS_COUNTRY "OtherAddressCountry" Text Current "2.5-16.1" ["OtherCountry"];
        0x2F OTHER_ADDRESS_POSTAL_CODE "OtherAddressPostalCode" Text Current "2.5-16.1" ["OtherPostalCode"];
        0x30 OTHER_ADDRESS_STATE "OtherAddressState" Text Current "2.5-16.1" ["OtherState"];
        0x31 OTHER_ADDRESS_STREET "OtherAddressStreet" Text Current "2.5-16.1" ["OtherStreet"];
        0x32 PAGER_NUMBER "PagerNumber" Text Current "2.5-16.1" [];
        0x33 RADIO_PHONE_NUMBER "RadioPhoneNumber" Text Current "2.5-16.1" [];
        0x34 SPOUSE "Spouse" Text Current "2.5-16.1" [];
        0x35 SUFFIX "Suffix" Text Current "2.5-16.1" [];
        0x36 TITLE "Title" Text Current "2.5-16.1" [];
        0x37 WEB_PAGE "WebPage" Text Current "2.5-16.1" [];
        0x38 YOMI_COMPANY_NAME "YomiCompanyName" Text Current "2.5-16.1" [];
        0x39 YOMI_FIRST_NAME "YomiFirstName" Text Current "2.5-16.1" [];
        0x3A YOMI_LAST_NAME "YomiLastName" Text Current "2.5-16.1" [];
        0x3B COMPRESSED_RTF "CompressedRTF" Text Legacy "" ["Rtf"];
        0x3C PICTURE "Picture" Text Current "2.5-16.1" [];
        0x3D ALIAS "Alias" Text Current "14.0-16.1" [];
        0x3E WEIGHTED_RANK "WeightedRank" Text Current "14.0-16.1" [];
    }
    2 "Email" email {
        0x05 ATTACHMENT "Attachment" Container Only25 "2.5" [];
        0x06 ATTACHMENTS "Attachments" Container Only25 "2.5" [];
        0x07 ATT_NAME "AttName" Text Only25 "2.5" [];
        0x08 ATT_SIZE "AttSize" Text Only25 "2.5" [];
        0x09 ATT0ID "Att0id" Text Only25 "2.5" ["AttOid"];
        0x0A ATT_METHOD "AttMethod" Text Only25 "2.5" [];
        0x0B ATT_REMOVED "AttRemoved" Unknown Legacy "" [];
        0x0C BODY "Body" Text Only25 "2.5" [];
        0x0D BODY_SIZE "BodySize" Text Only25 "2.5" [];
        0x0E BODY_TRUNCATED "BodyTruncated" Text Only25 "2.5" [];
        0x0F DATE_RECEIVED "DateReceived" Text Current "2.5-16.1" [];
        0x10 DISPLAY_NAME "DisplayName" Text Only25 "2.5" [];
        0x11 DISPLAY_TO "DisplayTo" Text Current "2.5-16.1" [];
        0x12 IMPORTANCE "Importance" Text Current "2.5-16.1" [];
        0x13 MESSAGE_CLASS "MessageClass" Text Current "2.5-16.1" [];
        0x14 SUBJECT "Subject" Text Current "2.5-16.1" [];
        0x15 READ "Read" Text Current "2.5-16.1" [];
        0x16 TO "To" Text Current "2.5-16.1" [];
        0x17 CC "Cc" Text Current "2.5-16.1" [];
        0x18 FROM "From" Text Current "2.5-16.1" [];
        0x19 REPLY_TO "ReplyTo" Text Current "2.5-16.1" ["Reply-To"];
        0x1A ALL_DAY_EVENT "AllDayEvent" Text Current "2.5-16.1" [];
        0x1B CATEGORIES "Categories" Container Current "14.0-16.1" [];
        0x1C CATEGORY "Category" Text Current "14.0-16.1" [];
        0x1D DT_STAMP "DtStamp" Text Current "2.5-16.1" [];
        0x1E END_TIME "EndTime" Text Current "2.5-16.1" [];
        0x1F INSTANCE_TYPE "InstanceType" Text Current "2.5-16.1" [];
        0x20 BUSY_STATUS "BusyStatus" Text Current "2.5-16.1" [];
        0x21 LOCATION "Location" Text Current "2.5-14.1" [];
        0x22 MEETING_REQUEST "MeetingRequest" Mixed Current "2.5-16.1" [];
        0x23 ORGANIZER "Organizer" Text Current "2.5-16.1" [];
        0x24 RECURRENCE_ID "RecurrenceId" Text Current "2.5-16.1" [];
        0x25 REMINDER "Reminder" Text Current "2.5-16.1" [];
        0x26 RESPONSE_REQUESTED "ResponseRequested" Text Current "2.5-16.1" [];
        0x27 RECURRENCES "Recurrences" Container Current "2.5-16.1" [];
        0x28 RECURRENCE "Recurrence" Container Current "2.5-16.1" [];
        0x29 TYPE "Type" Text Current "2.5-16.1" ["Recurrence_Type"];
        0x2A UNTIL "Until" Text Current "2.5-16.1" ["Recurrence_Until"];
        0x2B OCCURRENCES "Occurrences" Text Current "2.5-16.1" ["Recurrence_Occurrences"];
        0x2C INTERVAL "Interval" Text Current "2.5-16.1" ["Recurrence_Interval"];
        0x2D DAY_OF_WEEK "DayOfWeek" Text Current "2.5-16.1" ["Recurrence_DayOfWeek"];
        0x2E DAY_OF_MONTH "DayOfMonth" Text Current "2.5-16.1" ["Recurrence_DayOfMonth"];
        0x2F WEEK_OF_MONTH "WeekOfMonth" Text Current "2.5-16.1" ["Recurrence_WeekOfMonth"];
        0x30 MONTH_OF_YEAR "MonthOfYear" Text Current "2.5-16.1" ["Recurrence_MonthOfYear"];
        0x31 START_TIME "StartTime" Text Current "2.5-16.1" [];
        0x32 SENSITIVITY "Sensitivity" Text Current "2.5-16.1" [];
        0x33 TIME_ZONE "TimeZone" Text Current "2.5-16.1" [];
        0x34 GLOBAL_OBJ_ID "GlobalObjId" Text Current "2.5-14.1" [];
        0x35 THREAD_TOPIC "ThreadTopic" Text Current "2.5-16.1" [];
        0x36 MIME_DATA "MIMEData" Either Only25 "2.5" [];
        0x37 MIME_TRUNCATED "MIMETruncated" Text Only25 "2.5" [];
        0x38 MIME_SIZE "MIMESize" Text Only25 "2.5" [];
        0x39 INTERNET_CPID "InternetCPID" Text Current "2.5-16.1" [];
        0x3A FLAG "Flag" Container Current "12.0-16.1" [];
        0x3B STATUS "Status" Text Current "12.0-16.1" ["FlagStatus"];
        0x3C CONTENT_CLASS "ContentClass" Text Current "12.0-16.1" [];
        0x3D FLAG_TYPE "FlagType" Text Current "12.0-16.1" [];
        0x3E COMPLETE_TIME "CompleteTime" Text Current "12.0-16.1" [];
        0x3F DISALLOW_NEW_TIME_PROPOSAL "DisallowNewTimeProposal" Text Current "14.0-16.1" [];
    }
    3 "AirNotify" air_notify {
        0x05 NOTIFY "Notify" Unknown Legacy "" [];
        0x06 NOTIFICATION "Notification" Unknown Legacy "" [];
        0x07 VERSION "Version" Text Legacy "" [];
        0x08 LIFE_TIME "LifeTime" Unknown Legacy "" [];
        0x09 DEVICE_INFO "DeviceInfo" Unknown Legacy "" [];
        0x0A ENABLE "Enable" Unknown Legacy "" [];
        0x0B FOLDER "Folder" Unknown Legacy "" [];
        0x0C SERVER_ID "ServerId" Unknown Legacy "" [];
        0x0D DEVICE_ADDRESS "DeviceAddress" Unknown Legacy "" [];
        0x0E VALID_CARRIER_PROFILES "ValidCarrierProfiles" Unknown Legacy "" [];
        0x0F CARRIER_PROFILE "CarrierProfile" Unknown Legacy "" [];
        0x10 STATUS "Status" Unknown Legacy "" [];
        0x11 RESPONSES "Responses" Container Legacy "" [];
        0x12 DEVICES "Devices" Unknown Legacy "" [];
        0x13 DEVICE "Device" Unknown Legacy "" [];
        0x14 ID "Id" Text Legacy "" [];
        0x15 EXPIRY "Expiry" Unknown Legacy "" [];
        0x16 NOTIFY_GUID "NotifyGUID" Unknown Legacy "" [];
        0x17 DEVICE_FRIENDLY_NAME "DeviceFriendlyName" Unknown Legacy "" [];
    }
    4 "Calendar" calendar {
        0x05 TIMEZONE "Timezone" Text Current "2.5-16.1" [];
        0x06 ALL_DAY_EVENT "AllDayEvent" Text Current "2.5-16.1" [];
        0x07 ATTENDEES "Attendees" Mixed Current "2.5-16.1" [];
        0x08 ATTENDEE "Attendee" Container Current "2.5-16.1" [];
        0x09 EMAIL "Email" Text Current "2.5-16.1" ["Attendee_Email"];
        0x0A NAME "Name" Text Current "2.5-16.1" ["Attendee_Name"];
        0x0B BODY "Body" Text Only25 "2.5" [];
        0x0C BODY_TRUNCATED "BodyTruncated" Text Only25 "2.5" [];
        0x0D BUSY_STATUS "BusyStatus" Text Current "2.5-16.1" [];
        0x0E CATEGORIES "Categories" Mixed Current "2.5-16.1" [];
        0x0F CATEGORY "Category" Text Current "2.5-16.1" [];
        0x10 COMPRESSED_RTF "Compressed_RTF" Text Legacy "" ["Rtf", "CompressedRTF"];
        0x11 DT_STAMP "DtStamp" Text Current "2.5-16.1" [];
        0x12 END_TIME "EndTime" Text Current "2.5-16.1" [];
        0x13 EXCEPTION "Exception" Container Current "2.5-16.1" [];
        0x14 EXCEPTIONS "Exceptions" Mixed Current "2.5-16.1" [];
        0x15 DELETED "Deleted" Text Current "2.5-16.1" ["Exception_Deleted"];
        0x16 EXCEPTION_START_TIME "ExceptionStartTime" Text Current "2.5-14.1" ["Exception_StartTime"];
        0x17 LOCATION "Location" Text Current "2.5-14.1" [];
        0x18 MEETING_STATUS "MeetingStatus" Text Current "2.5-16.1" [];
        0x19 ORGANIZER_EMAIL "OrganizerEmail" Text Current "2.5-16.1" ["Organizer_Email"];
        0x1A ORGANIZER_NAME "OrganizerName" Text Current "2.5-16.1" ["Organizer_Name"];
        0x1B RECURRENCE "Recurrence" Mixed Current "2.5-16.1" [];
        0x1C TYPE "Type" Text Current "2.5-16.1" ["Recurrence_Type"];
        0x1D UNTIL "Until" Text Current "2.5-16.1" ["Recurrence_Until"];
        0x1E OCCURRENCES "Occurrences" Text Current "2.5-16.1" ["Recurrence_Occurrences"];
        0x1F INTERVAL "Interval" Text Current "2.5-16.1" ["Recurrence_Interval"];
        0x20 DAY_OF_WEEK "DayOfWeek" Text Current "2.5-16.1" ["Recurrence_DayOfWeek"];
        0x21 DAY_OF_MONTH "DayOfMonth" Text Current "2.5-16.1" ["Recurrence_DayOfMonth"];
        0x22 WEEK_OF_MONTH "WeekOfMonth" Text Current "2.5-16.1" ["Recurrence_WeekOfMonth"];
        0x23 MONTH_OF_YEAR "MonthOfYear" Text Current "2.5-16.1" ["Recurrence_MonthOfYear"];
        0x24 REMINDER "Reminder" Text Current "2.5-16.1" [];
        0x25 SENSITIVITY "Sensitivity" Text Current "2.5-16.1" [];
        0x26 SUBJECT "Subject" Text Current "2.5-16.1" [];
        0x27 START_TIME "StartTime" Text Current "2.5-16.1" [];
        0x28 UID "UID" Text Current "2.5-16.1" [];
        0x29 ATTENDEE_STATUS "AttendeeStatus" Text Current "12.0-16.1" ["Attendee_Status"];
        0x2A ATTENDEE_TYPE "AttendeeType" Text Current "12.0-16.1" ["Attendee_Type"];
        0x2B ATTACHMENT "Attachment" Unknown Legacy "" [];
        0x2C ATTACHMENTS "Attachments" Unknown Legacy "" [];
        0x2D ATT_NAME "AttName" Unknown Legacy "" [];
        0x2E ATT_SIZE "AttSize" Unknown Legacy "" [];
        0x2F ATT_OID "AttOid" Unknown Legacy "" [];
        0x30 ATT_METHOD "AttMethod" Unknown Legacy "" [];
        0x31 ATT_REMOVED "AttRemoved" Unknown Legacy "" [];
        0x32 DISPLAY_NAME "DisplayName" Unknown Legacy "" [];
        0x33 DISALLOW_NEW_TIME_PROPOSAL "DisallowNewTimeProposal" Text Current "14.0-16.1" [];
        0x34 RESPONSE_REQUESTED "ResponseRequested" Text Current "14.0-16.1" [];
        0x35 APPOINTMENT_REPLY_TIME "AppointmentReplyTime" Text Current "14.0-16.1" [];
        0x36 RESPONSE_TYPE "ResponseType" Text Current "14.0-16.1" [];
        0x37 CALENDAR_TYPE "CalendarType" Text Current "14.0-16.1" [];
        0x38 IS_LEAP_MONTH "IsLeapMonth" Text Current "14.0-16.1" [];
        0x39 FIRST_DAY_OF_WEEK "FirstDayOfWeek" Text Current "14.1-16.1" [];
        0x3A ONLINE_MEETING_CONF_LINK "OnlineMeetingConfLink" Text Current "14.1-16.1" [];
        0x3B ONLINE_MEETING_EXTERNAL_LINK "OnlineMeetingExternalLink" Text Current "14.1-16.1" [];
        0x3C CLIENT_UID "ClientUid" Text Current "16.0-16.1" [];
    }
    5 "Move" move_ {
        0x05 MOVE_ITEMS "MoveItems" Container Current "2.5-16.1" [];
        0x06 MOVE "Move" Container Current "2.5-16.1" [];
        0x07 SRC_MSG_ID "SrcMsgId" Text Current "2.5-16.1" [];
        0x08 SRC_FLD_ID "SrcFldId" Text Current "2.5-16.1" [];
        0x09 DST_FLD_ID "DstFldId" Text Current "2.5-16.1" [];
        0x0A RESPONSE "Response" Container Current "2.5-16.1" [];
        0x0B STATUS "Status" Text Current "2.5-16.1" [];
        0x0C DST_MSG_ID "DstMsgId" Text Current "2.5-16.1" [];
    }
    6 "GetItemEstimate" get_item_estimate {
        0x05 GET_ITEM_ESTIMATE "GetItemEstimate" Container Current "2.5-16.1" [];
        0x06 VERSION "Version" Text Withdrawn "" [];
        0x07 COLLECTIONS "Collections" Container Current "2.5-16.1" [];
        0x08 COLLECTION "Collection" Container Current "2.5-16.1" [];
        0x09 CLASS "Class" Text Current "2.5-12.1" [];
        0x0A COLLECTION_ID "CollectionId" Text Current "2.5-16.1" [];
        0x0B DATE_TIME "DateTime" Text Withdrawn "" [];
        0x0C ESTIMATE "Estimate" Text Current "2.5-16.1" [];
        0x0D RESPONSE "Response" Container Current "2.5-16.1" [];
        0x0E STATUS "Status" Text Current "2.5-16.1" [];
    }
    7 "FolderHierarchy" folder_hierarchy {
        0x05 FOLDERS "Folders" Container Current "2.5-12.1" [];
        0x06 FOLDER "Folder" Container Current "2.5-12.1" [];
        0x07 DISPLAY_NAME "DisplayName" Text Current "2.5-16.1" [];
        0x08 SERVER_ID "ServerId" Text Current "2.5-16.1" [];
        0x09 PARENT_ID "ParentId" Text Current "2.5-16.1" [];
        0x0A TYPE "Type" Text Current "2.5-16.1" [];
        0x0B RESPONSE "Response" Unknown Legacy "" [];
        0x0C STATUS "Status" Text Current "2.5-16.1" [];
        0x0D CONTENT_CLASS "ContentClass" Unknown Legacy "" [];
        0x0E CHANGES "Changes" Container Current "2.5-16.1" [];
        0x0F ADD "Add" Container Current "2.5-16.1" [];
        0x10 DELETE "Delete" Container Current "2.5-16.1" [];
        0x11 UPDATE "Update" Container Current "2.5-16.1" [];
        0x12 SYNC_KEY "SyncKey" Text Current "2.5-16.1" [];
        0x13 FOLDER_CREATE "FolderCreate" Container Current "2.5-16.1" [];
        0x14 FOLDER_DELETE "FolderDelete" Container Current "2.5-16.1" [];
        0x15 FOLDER_UPDATE "FolderUpdate" Container Current "2.5-16.1" [];
        0x16 FOLDER_SYNC "FolderSync" Container Current "2.5-16.1" [];
        0x17 COUNT "Count" Text Current "2.5-16.1" [];
        0x18 VERSION "Version" Text Legacy "" [];
    }
    8 "MeetingResponse" meeting_response {
        0x05 CALENDAR_ID "CalendarId" Text Current "2.5-16.1" [];
        0x06 COLLECTION_ID "CollectionId" Text Current "2.5-16.1" [];
        0x07 MEETING_RESPONSE "MeetingResponse" Container Current "2.5-16.1" [];
        0x08 REQUEST_ID "RequestId" Text Current "2.5-16.1" [];
        0x09 REQUEST "Request" Container Current "2.5-16.1" [];
        0x0A RESULT "Result" Container Current "2.5-16.1" [];
        0x0B STATUS "Status" Text Current "2.5-16.1" [];
        0x0C USER_RESPONSE "UserResponse" Text Current "2.5-16.1" [];
        0x0D VERSION "Version" Text Legacy "" [];
        0x0E INSTANCE_ID "InstanceId" Text Current "14.1-16.1" [];
        0x10 PROPOSED_START_TIME "ProposedStartTime" Text Current "16.1" [];
        0x11 PROPOSED_END_TIME "ProposedEndTime" Text Current "16.1" [];
        0x12 SEND_RESPONSE "SendResponse" Mixed Current "16.0-16.1" [];
    }
    9 "Tasks" tasks {
        0x05 BODY "Body" Text Only25 "2.5" [];
        0x06 BODY_SIZE "BodySize" Text Only25 "2.5" [];
        0x07 BODY_TRUNCATED "BodyTruncated" Text Only25 "2.5" [];
        0x08 CATEGORIES "Categories" Container Current "2.5-16.1" [];
        0x09 CATEGORY "Category" Text Current "2.5-16.1" [];
        0x0A COMPLETE "Complete" Text Current "2.5-16.1" [];
        0x0B DATE_COMPLETED "DateCompleted" Text Current "2.5-16.1" [];
        0x0C DUE_DATE "DueDate" Text Current "2.5-16.1" [];
        0x0D UTC_DUE_DATE "UtcDueDate" Text Current "2.5-16.1" [];
        0x0E IMPORTANCE "Importance" Text Current "2.5-16.1" [];
        0x0F RECURRENCE "Recurrence" Container Current "2.5-16.1" [];
        0x10 TYPE "Type" Text Current "2.5-16.1" ["Recurrence_Type"];
        0x11 START "Start" Text Current "2.5-16.1" ["Recurrence_Start"];
        0x12 UNTIL "Until" Text Current "2.5-16.1" ["Recurrence_Until"];
        0x13 OCCURRENCES "Occurrences" Text Current "2.5-16.1" ["Recurrence_Occurrences"];
        0x14 INTERVAL "Interval" Text Current "2.5-16.1" ["Recurrence_Interval"];
        0x15 DAY_OF_MONTH "DayOfMonth" Text Current "2.5-16.1" ["Recurrence_DayOfMonth"];
        0x16 DAY_OF_WEEK "DayOfWeek" Text Current "2.5-16.1" ["Recurrence_DayOfWeek"];
        0x17 WEEK_OF_MONTH "WeekOfMonth" Text Current "2.5-16.1" ["Recurrence_WeekOfMonth"];
        0x18 MONTH_OF_YEAR "MonthOfYear" Text Current "2.5-16.1" ["Recurrence_MonthOfYear"];
        0x19 REGENERATE "Regenerate" Text Current "2.5-16.1" ["Recurrence_Regenerate"];
        0x1A DEAD_OCCUR "DeadOccur" Text Current "2.5-16.1" ["Recurrence_DeadOccur"];
        0x1B REMINDER_SET "ReminderSet" Text Current "2.5-16.1" [];
        0x1C REMINDER_TIME "ReminderTime" Text Current "2.5-16.1" [];
        0x1D SENSITIVITY "Sensitivity" Text Current "2.5-16.1" [];
        0x1E START_DATE "StartDate" Text Current "2.5-16.1" [];
        0x1F UTC_START_DATE "UtcStartDate" Text Current "2.5-16.1" [];
        0x20 SUBJECT "Subject" Text Current "2.5-16.1" [];
        0x21 COMPRESSED_RTF "CompressedRTF" Text Legacy "" ["Rtf"];
        0x22 ORDINAL_DATE "OrdinalDate" Text Current "12.0-16.1" [];
        0x23 SUB_ORDINAL_DATE "SubOrdinalDate" Text Current "12.0-16.1" [];
        0x24 CALENDAR_TYPE "CalendarType" Text Current "14.0-16.1" [];
        0x25 IS_LEAP_MONTH "IsLeapMonth" Text Current "14.0-16.1" [];
        0x26 FIRST_DAY_OF_WEEK "FirstDayOfWeek" Text Current "14.1-16.1" [];
    }
    10 "ResolveRecipients" resolve_recipients {
        0x05 RESOLVE_RECIPIENTS "ResolveRecipients" Container Current "2.5-16.1" [];
        0x06 RESPONSE "Response" Container Current "2.5-16.1" [];
        0x07 STATUS "Status" Text Current "2.5-16.1" [];
        0x08 TYPE "Type" Text Current "2.5-16.1" [];
        0x09 RECIPIENT "Recipient" Container Current "2.5-16.1" [];
        0x0A DISPLAY_NAME "DisplayName" Text Current "2.5-16.1" [];
        0x0B EMAIL_ADDRESS "EmailAddress" Text Current "2.5-16.1" [];
        0x0C CERTIFICATES "Certificates" Container Current "2.5-16.1" [];
        0x0D CERTIFICATE "Certificate" Text Current "2.5-16.1" [];
        0x0E MINI_CERTIFICATE "MiniCertificate" Text Current "2.5-16.1" [];
        0x0F OPTIONS "Options" Container Current "2.5-16.1" [];
        0x10 TO "To" Text Current "2.5-16.1" [];
        0x11 CERTIFICATE_RETRIEVAL "CertificateRetrieval" Text Current "2.5-16.1" [];
        0x12 RECIPIENT_COUNT "RecipientCount" Text Current "2.5-16.1" [];
        0x13 MAX_CERTIFICATES "MaxCertificates" Text Current "2.5-16.1" [];
        0x14 MAX_AMBIGUOUS_RECIPIENTS "MaxAmbiguousRecipients" Text Current "2.5-16.1" [];
        0x15 CERTIFICATE_COUNT "CertificateCount" Text Current "2.5-16.1" [];
        0x16 AVAILABILITY "Availability" Container Current "14.0-16.1" [];
        0x17 START_TIME "StartTime" Text Current "14.0-16.1" [];
        0x18 END_TIME "EndTime" Text Current "14.0-16.1" [];
        0x19 MERGED_FREE_BUSY "MergedFreeBusy" Text Current "14.0-16.1" [];
        0x1A PICTURE "Picture" Container Current "14.1-16.1" [];
        0x1B MAX_SIZE "MaxSize" Text Current "14.1-16.1" [];
        0x1C DATA "Data" Opaque Current "14.1-16.1" [];
        0x1D MAX_PICTURES "MaxPictures" Text Current "14.1-16.1" [];
    }
    11 "ValidateCert" validate_cert {
        0x05 VALIDATE_CERT "ValidateCert" Container Current "2.5-16.1" [];
        0x06 CERTIFICATES "Certificates" Container Current "2.5-16.1" [];
        0x07 CERTIFICATE "Certificate" Mixed Current "2.5-16.1" [];
        0x08 CERTIFICATE_CHAIN "CertificateChain" Container Current "2.5-16.1" [];
        0x09 CHECK_CRL "CheckCRL" Text Current "2.5-16.1" [];
        0x0A STATUS "Status" Text Current "2.5-16.1" [];
    }
    12 "Contacts2" contacts2 {
        0x05 CUSTOMER_ID "CustomerId" Text Current "2.5-16.1" [];
        0x06 GOVERNMENT_ID "GovernmentId" Text Current "2.5-16.1" [];
        0x07 IM_ADDRESS "IMAddress" Text Current "2.5-16.1" [];
        0x08 IM_ADDRESS2 "IMAddress2" Text Current "2.5-16.1" [];
        0x09 IM_ADDRESS3 "IMAddress3" Text Current "2.5-16.1" [];
        0x0A MANAGER_NAME "ManagerName" Text Current "2.5-16.1" [];
        0x0B COMPANY_MAIN_PHONE "CompanyMainPhone" Text Current "2.5-16.1" [];
        0x0C ACCOUNT_NAME "AccountName" Text Current "2.5-16.1" [];
        0x0D NICK_NAME "NickName" Text Current "2.5-16.1" [];
        0x0E MMS "MMS" Text Current "2.5-16.1" [];
    }
    13 "Ping" ping {
        0x05 PING "Ping" Container Current "2.5-16.1" [];
        0x06 AUTD_STATE "AutdState" Text Withdrawn "" [];
        0x07 STATUS "Status" Text Current "2.5-16.1" [];
        0x08 HEARTBEAT_INTERVAL "HeartbeatInterval" Text Current "2.5-16.1" [];
        0x09 FOLDERS "Folders" Container Current "2.5-16.1" [];
        0x0A FOLDER "Folder" Text Current "2.5-16.1" [];
        0x0B ID "Id" Text Current "2.5-16.1" [];
        0x0C CLASS "Class" Text Current "2.5-16.1" [];
        0x0D MAX_FOLDERS "MaxFolders" Text Current "2.5-16.1" [];
        0x0E VERSION "Version" Text Legacy "" [];
    }
    14 "Provision" provision {
        0x05 PROVISION "Provision" Container Current "2.5-16.1" [];
        0x06 POLICIES "Policies" Container Current "2.5-16.1" [];
        0x07 POLICY "Policy" Container Current "2.5-16.1" [];
        0x08 POLICY_TYPE "PolicyType" Text Current "2.5-16.1" [];
        0x09 POLICY_KEY "PolicyKey" Text Current "2.5-16.1" [];
        0x0A DATA "Data" Container Current "2.5-16.1" [];
        0x0B STATUS "Status" Text Current "2.5-16.1" [];
        0x0C REMOTE_WIPE "RemoteWipe" Empty Current "2.5-16.1" [];
        0x0D EAS_PROVISION_DOC "EASProvisionDoc" Container Current "12.0-16.1" [];
        0x0E DEVICE_PASSWORD_ENABLED "DevicePasswordEnabled" Text Current "12.0-16.1" [];
        0x0F ALPHANUMERIC_DEVICE_PASSWORD_REQUIRED "AlphanumericDevicePasswordRequired" Text Current "12.0-16.1" [];
        0x10 REQUIRE_STORAGE_CARD_ENCRYPTION "RequireStorageCardEncryption" Text Current "12.1-16.1" ["DeviceEncryptionEnabled"];
        0x11 PASSWORD_RECOVERY_ENABLED "PasswordRecoveryEnabled" Text Current "12.0-16.1" [];
        0x12 DOCUMENT_BROWSE_ENABLED "DocumentBrowseEnabled" Text Legacy "" [];
        0x13 ATTACHMENTS_ENABLED "AttachmentsEnabled" Text Current "12.0-16.1" [];
        0x14 MIN_DEVICE_PASSWORD_LENGTH "MinDevicePasswordLength" Text Current "12.0-16.1" [];
        0x15 MAX_INACTIVITY_TIME_DEVICE_LOCK "MaxInactivityTimeDeviceLock" Text Current "12.0-16.1" [];
        0x16 MAX_DEVICE_PASSWORD_FAILED_ATTEMPTS "MaxDevicePasswordFailedAttempts" Text Current "12.0-16.0" [];
        0x17 MAX_ATTACHMENT_SIZE "MaxAttachmentSize" Text Current "12.0-16.1" [];
        0x18 ALLOW_SIMPLE_DEVICE_PASSWORD "AllowSimpleDevicePassword" Text Current "12.0-16.1" [];
        0x19 DEVICE_PASSWORD_EXPIRATION "DevicePasswordExpiration" Text Current "12.0-16.1" [];
        0x1A DEVICE_PASSWORD_HISTORY "DevicePasswordHistory" Text Current "12.0-16.1" [];
        0x1B ALLOW_STORAGE_CARD "AllowStorageCard" Text Current "12.1-16.1" [];
        0x1C ALLOW_CAMERA "AllowCamera" Text Current "12.1-16.1" [];
        0x1D REQUIRE_DEVICE_ENCRYPTION "RequireDeviceEncryption" Text Current "12.1-16.1" [];
        0x1E ALLOW_UNSIGNED_APPLICATIONS "AllowUnsignedApplications" Text Current "12.1-16.1" [];
        0x1F ALLOW_UNSIGNED_INSTALLATION_PACKAGES "AllowUnsignedInstallationPackages" Text Current "12.1-16.1" [];
        0x20 MIN_DEVICE_PASSWORD_COMPLEX_CHARACTERS "MinDevicePasswordComplexCharacters" Text Current "12.1-16.1" [];
        0x21 ALLOW_WI_FI "AllowWiFi" Text Current "12.1-16.1" [];
        0x22 ALLOW_TEXT_MESSAGING "AllowTextMessaging" Text Current "12.1-16.1" [];
        0x23 ALLOW_POPIMAP_EMAIL "AllowPOPIMAPEmail" Text Current "12.1-16.1" [];
        0x24 ALLOW_BLUETOOTH "AllowBluetooth" Text Current "12.1-16.1" [];
        0x25 ALLOW_IR_DA "AllowIrDA" Text Current "12.1-16.1" [];
        0x26 REQUIRE_MANUAL_SYNC_WHEN_ROAMING "RequireManualSyncWhenRoaming" Text Current "12.1-16.1" [];
        0x27 ALLOW_DESKTOP_SYNC "AllowDesktopSync" Text Current "12.1-16.1" [];
        0x28 MAX_CALENDAR_AGE_FILTER "MaxCalendarAgeFilter" Text Current "12.1-16.0" [];
        0x29 ALLOW_HTML_EMAIL "AllowHTMLEmail" Text Current "12.1-16.1" [];
        0x2A MAX_EMAIL_AGE_FILTER "MaxEmailAgeFilter" Text Current "12.1-16.1" [];
        0x2B MAX_EMAIL_BODY_TRUNCATION_SIZE "MaxEmailBodyTruncationSize" Text Current "12.1-16.1" [];
        0x2C MAX_EMAIL_HTML_BODY_TRUNCATION_SIZE "MaxEmailHTMLBodyTruncationSize" Text Current "12.1-16.1" ["MaxHTMLBodyTruncationSize"];
        0x2D REQUIRE_SIGNED_SMIME_MESSAGES "RequireSignedSMIMEMessages" Text Current "12.1-16.1" [];
        0x2E REQUIRE_ENCRYPTED_SMIME_MESSAGES "RequireEncryptedSMIMEMessages" Text Current "12.1-16.1" [];
        0x2F REQUIRE_SIGNED_SMIME_ALGORITHM "RequireSignedSMIMEAlgorithm" Text Current "12.1-16.1" [];
        0x30 REQUIRE_ENCRYPTION_SMIME_ALGORITHM "RequireEncryptionSMIMEAlgorithm" Text Current "12.1-16.1" ["RequireEncryptedSMIMEAlgorithm"];
        0x31 ALLOW_SMIME_ENCRYPTION_ALGORITHM_NEGOTIATION "AllowSMIMEEncryptionAlgorithmNegotiation" Text Current "12.1-16.1" [];
        0x32 ALLOW_SMIME_SOFT_CERTS "AllowSMIMESoftCerts" Text Current "12.1-16.1" [];
        0x33 ALLOW_BROWSER "AllowBrowser" Text Current "12.1-16.1" [];
        0x34 ALLOW_CONSUMER_EMAIL "AllowConsumerEmail" Text Current "12.1-16.1" [];
        0x35 ALLOW_REMOTE_DESKTOP "AllowRemoteDesktop" Text Current "12.1-16.1" [];
        0x36 ALLOW_INTERNET_SHARING "AllowInternetSharing" Text Current "12.1-16.1" [];
        0x37 UNAPPROVED_IN_ROM_APPLICATION_LIST "UnapprovedInROMApplicationList" Container Current "12.1-16.1" [];
        0x38 APPLICATION_NAME "ApplicationName" Text Current "12.1-16.1" [];
        0x39 APPROVED_APPLICATION_LIST "ApprovedApplicationList" Container Current "12.1-16.1" [];
        0x3A HASH "Hash" Text Current "12.1-16.1" [];
        0x3B ACCOUNT_ONLY_REMOTE_WIPE "AccountOnlyRemoteWipe" Empty Current "16.1" [];
    }
    15 "Search" search {
        0x05 SEARCH "Search" Container Current "2.5-16.1" [];
        0x07 STORE "Store" Container Current "2.5-16.1" [];
        0x08 NAME "Name" Text Current "2.5-16.1" [];
        0x09 QUERY "Query" Container Current "2.5-16.1" [];
        0x0A OPTIONS "Options" Container Current "2.5-16.1" [];
        0x0B RANGE "Range" Text Current "2.5-16.1" [];
        0x0C STATUS "Status" Text Current "2.5-16.1" [];
        0x0D RESPONSE "Response" Container Current "2.5-16.1" [];
        0x0E RESULT "Result" Container Current "2.5-16.1" [];
        0x0F PROPERTIES "Properties" Container Current "2.5-16.1" [];
        0x10 TOTAL "Total" Text Current "2.5-16.1" [];
        0x11 EQUAL_TO "EqualTo" Container Current "12.0-16.1" [];
        0x12 VALUE "Value" Text Current "12.0-16.1" [];
        0x13 AND "And" Container Current "12.0-16.1" [];
        0x14 OR "Or" Container Current "12.0-16.1" [];
        0x15 FREE_TEXT "FreeText" Text Current "12.0-16.1" [];
        0x17 DEEP_TRAVERSAL "DeepTraversal" Empty Current "12.0-16.1" [];
        0x18 LONG_ID "LongId" Text Current "12.0-16.1" [];
        0x19 REBUILD_RESULTS "RebuildResults" Empty Current "12.0-16.1" [];
        0x1A LESS_THAN "LessThan" Container Current "12.0-16.1" [];
        0x1B GREATER_THAN "GreaterThan" Container Current "12.0-16.1" [];
        0x1C SCHEMA "Schema" Container Legacy "" [];
        0x1D SUPPORTED "Supported" Container Legacy "" [];
        0x1E USER_NAME "UserName" Text Current "12.1-16.1" [];
        0x1F PASSWORD "Password" Text Current "12.1-16.1" [];
        0x20 CONVERSATION_ID "ConversationId" Either Current "14.0-16.1" [];
        0x21 PICTURE "Picture" Container Current "14.1-16.1" [];
        0x22 MAX_SIZE "MaxSize" Text Current "14.1-16.1" [];
        0x23 MAX_PICTURES "MaxPictures" Text Current "14.1-16.1" [];
    }
    16 "Gal" gal {
        0x05 DISPLAY_NAME "DisplayName" Text Current "2.5-16.1" [];
        0x06 PHONE "Phone" Text Current "2.5-16.1" [];
        0x07 OFFICE "Office" Text Current "2.5-16.1" [];
        0x08 TITLE "Title" Text Current "2.5-16.1" [];
        0x09 COMPANY "Company" Text Current "2.5-16.1" [];
        0x0A ALIAS "Alias" Text Current "2.5-16.1" [];
        0x0B FIRST_NAME "FirstName" Text Current "2.5-16.1" [];
        0x0C LAST_NAME "LastName" Text Current "2.5-16.1" [];
        0x0D HOME_PHONE "HomePhone" Text Current "2.5-16.1" [];
        0x0E MOBILE_PHONE "MobilePhone" Text Current "2.5-16.1" [];
        0x0F EMAIL_ADDRESS "EmailAddress" Text Current "2.5-16.1" [];
        0x10 PICTURE "Picture" Container Current "14.1-16.1" [];
        0x11 STATUS "Status" Text Current "14.1-16.1" [];
        0x12 DATA "Data" Opaque Current "14.1-16.1" [];
    }
    17 "AirSyncBase" air_sync_base {
        0x05 BODY_PREFERENCE "BodyPreference" Container Current "12.0-16.1" [];
        0x06 TYPE "Type" Text Current "12.0-16.1" [];
        0x07 TRUNCATION_SIZE "TruncationSize" Text Current "12.0-16.1" [];
        0x08 ALL_OR_NONE "AllOrNone" Text Current "12.0-16.1" [];
        0x0A BODY "Body" Mixed Current "12.0-16.1" [];
        0x0B DATA "Data" Text Current "12.0-16.1" [];
        0x0C ESTIMATED_DATA_SIZE "EstimatedDataSize" Text Current "12.0-16.1" [];
        0x0D TRUNCATED "Truncated" Text Current "12.0-16.1" [];
        0x0E ATTACHMENTS "Attachments" Mixed Current "12.0-16.1" [];
        0x0F ATTACHMENT "Attachment" Container Current "12.0-16.1" [];
        0x10 DISPLAY_NAME "DisplayName" Text Current "12.0-16.1" [];
        0x11 FILE_REFERENCE "FileReference" Text Current "12.0-16.1" [];
        0x12 METHOD "Method" Text Current "12.0-16.1" [];
        0x13 CONTENT_ID "ContentId" Text Current "12.0-16.1" [];
        0x14 CONTENT_LOCATION "ContentLocation" Text Current "12.0-16.1" [];
        0x15 IS_INLINE "IsInline" Text Current "12.0-16.1" [];
        0x16 NATIVE_BODY_TYPE "NativeBodyType" Text Current "12.0-16.1" [];
        0x17 CONTENT_TYPE "ContentType" Text Current "12.0-16.1" [];
        0x18 PREVIEW "Preview" Text Current "14.0-16.1" [];
        0x19 BODY_PART_PREFERENCE "BodyPartPreference" Container Current "14.1-16.1" [];
        0x1A BODY_PART "BodyPart" Mixed Current "14.1-16.1" [];
        0x1B STATUS "Status" Text Current "14.1-16.1" [];
        0x1C ADD "Add" Container Current "16.0-16.1" [];
        0x1D DELETE "Delete" Container Current "16.0-16.1" [];
        0x1E CLIENT_ID "ClientId" Text Current "16.0-16.1" [];
        0x1F CONTENT "Content" Opaque Current "16.0-16.1" [];
        0x20 LOCATION "Location" Container Current "16.0-16.1" [];
        0x21 ANNOTATION "Annotation" Text Current "16.0-16.1" ["Annontation"];
        0x22 STREET "Street" Text Current "16.0-16.1" [];
        0x23 CITY "City" Text Current "16.0-16.1" [];
        0x24 STATE "State" Text Current "16.0-16.1" [];
        0x25 COUNTRY "Country" Text Current "16.0-16.1" [];
        0x26 POSTAL_CODE "PostalCode" Text Current "16.0-16.1" [];
        0x27 LATITUDE "Latitude" Text Current "16.0-16.1" [];
        0x28 LONGITUDE "Longitude" Text Current "16.0-16.1" [];
        0x29 ACCURACY "Accuracy" Text Current "16.0-16.1" [];
        0x2A ALTITUDE "Altitude" Text Current "16.0-16.1" [];
        0x2B ALTITUDE_ACCURACY "AltitudeAccuracy" Text Current "16.0-16.1" [];
        0x2C LOCATION_URI "LocationUri" Text Current "16.0-16.1" [];
        0x2D INSTANCE_ID "InstanceId" Text Current "16.0-16.1" [];
    }
    18 "Settings" settings {
        0x05 SETTINGS "Settings" Container Current "12.0-16.1" [];
        0x06 STATUS "Status" Text Current "12.0-16.1" [];
        0x07 GET "Get" Container Current "12.0-16.1" [];
        0x08 SET "Set" Container Current "12.0-16.1" [];
        0x09 OOF "Oof" Container Current "12.0-16.1" [];
        0x0A OOF_STATE "OofState" Text Current "12.0-16.1" [];
        0x0B START_TIME "StartTime" Text Current "12.0-16.1" [];
        0x0C END_TIME "EndTime" Text Current "12.0-16.1" [];
        0x0D OOF_MESSAGE "OofMessage" Container Current "12.0-16.1" [];
        0x0E APPLIES_TO_INTERNAL "AppliesToInternal" Empty Current "12.0-16.1" [];
        0x0F APPLIES_TO_EXTERNAL_KNOWN "AppliesToExternalKnown" Empty Current "12.0-16.1" [];
        0x10 APPLIES_TO_EXTERNAL_UNKNOWN "AppliesToExternalUnknown" Empty Current "12.0-16.1" [];
        0x11 ENABLED "Enabled" Text Current "12.0-16.1" [];
        0x12 REPLY_MESSAGE "ReplyMessage" Text Current "12.0-16.1" [];
        0x13 BODY_TYPE "BodyType" Text Current "12.0-16.1" [];
        0x14 DEVICE_PASSWORD "DevicePassword" Container Current "12.0-16.1" [];
        0x15 PASSWORD "Password" Text Current "12.0-16.1" [];
        0x16 DEVICE_INFORMATION "DeviceInformation" Container Current "12.0-16.1" [];
        0x17 MODEL "Model" Text Current "12.0-16.1" [];
        0x18 IMEI "IMEI" Text Current "12.0-16.1" [];
        0x19 FRIENDLY_NAME "FriendlyName" Text Current "12.0-16.1" [];
        0x1A OS "OS" Text Current "12.0-16.1" [];
        0x1B OS_LANGUAGE "OSLanguage" Text Current "12.0-16.1" [];
        0x1C PHONE_NUMBER "PhoneNumber" Text Current "12.0-16.1" [];
        0x1D USER_INFORMATION "UserInformation" Container Current "12.0-16.1" [];
        0x1E EMAIL_ADDRESSES "EmailAddresses" Container Current "12.0-16.1" [];
        0x1F SMTP_ADDRESS "SMTPAddress" Text Current "12.0-16.1" [];
        0x20 USER_AGENT "UserAgent" Text Current "12.1-16.1" [];
        0x21 ENABLE_OUTBOUND_SMS "EnableOutboundSMS" Text Current "14.0-16.1" [];
        0x22 MOBILE_OPERATOR "MobileOperator" Text Current "14.0-16.1" [];
        0x23 PRIMARY_SMTP_ADDRESS "PrimarySmtpAddress" Text Current "14.1-16.1" [];
        0x24 ACCOUNTS "Accounts" Container Current "14.1-16.1" [];
        0x25 ACCOUNT "Account" Container Current "14.1-16.1" [];
        0x26 ACCOUNT_ID "AccountId" Text Current "14.1-16.1" [];
        0x27 ACCOUNT_NAME "AccountName" Text Current "14.1-16.1" [];
        0x28 USER_DISPLAY_NAME "UserDisplayName" Text Current "14.1-16.1" [];
        0x29 SEND_DISABLED "SendDisabled" Text Current "14.1-16.1" [];
        0x2B RIGHTS_MANAGEMENT_INFORMATION "RightsManagementInformation" Container Current "14.1-16.1" ["ihsManagementInformation"];
    }
    19 "DocumentLibrary" document_library {
        0x05 LINK_ID "LinkId" Text Current "12.0-16.1" [];
        0x06 DISPLAY_NAME "DisplayName" Text Current "12.0-16.1" [];
        0x07 IS_FOLDER "IsFolder" Text Current "12.0-16.1" [];
        0x08 CREATION_DATE "CreationDate" Text Current "12.0-16.1" [];
        0x09 LAST_MODIFIED_DATE "LastModifiedDate" Text Current "12.0-16.1" [];
        0x0A IS_HIDDEN "IsHidden" Text Current "12.0-16.1" [];
        0x0B CONTENT_LENGTH "ContentLength" Text Current "12.0-16.1" [];
        0x0C CONTENT_TYPE "ContentType" Text Current "12.0-16.1" [];
    }
    20 "ItemOperations" item_operations {
        0x05 ITEM_OPERATIONS "ItemOperations" Container Current "12.0-16.1" [];
        0x06 FETCH "Fetch" Container Current "12.0-16.1" [];
        0x07 STORE "Store" Text Current "12.0-16.1" [];
        0x08 OPTIONS "Options" Container Current "12.0-16.1" [];
        0x09 RANGE "Range" Text Current "12.0-16.1" [];
        0x0A TOTAL "Total" Text Current "12.0-16.1" [];
        0x0B PROPERTIES "Properties" Container Current "12.0-16.1" [];
        0x0C DATA "Data" Text Current "12.0-16.1" [];
        0x0D STATUS "Status" Text Current "12.0-16.1" [];
        0x0E RESPONSE "Response" Container Current "12.0-16.1" [];
        0x0F VERSION "Version" Text Current "12.0-16.1" [];
        0x10 SCHEMA "Schema" Container Current "12.0-16.1" [];
        0x11 PART "Part" Text Current "12.0-16.1" [];
        0x12 EMPTY_FOLDER_CONTENTS "EmptyFolderContents" Container Current "12.0-16.1" ["EmptyFolderContent"];
        0x13 DELETE_SUB_FOLDERS "DeleteSubFolders" Empty Current "12.0-16.1" [];
        0x14 USER_NAME "UserName" Text Current "12.1-16.1" [];
        0x15 PASSWORD "Password" Text Current "12.1-16.1" [];
        0x16 MOVE "Move" Container Current "14.0-16.1" [];
        0x17 DST_FLD_ID "DstFldId" Text Current "14.0-16.1" [];
        0x18 CONVERSATION_ID "ConversationId" Either Current "14.0-16.1" [];
        0x19 MOVE_ALWAYS "MoveAlways" Empty Current "14.0-16.1" [];
    }
    21 "ComposeMail" compose_mail {
        0x05 SEND_MAIL "SendMail" Container Current "14.0-16.1" [];
        0x06 SMART_FORWARD "SmartForward" Container Current "14.0-16.1" [];
        0x07 SMART_REPLY "SmartReply" Container Current "14.0-16.1" [];
        0x08 SAVE_IN_SENT_ITEMS "SaveInSentItems" Empty Current "14.0-16.1" [];
        0x09 REPLACE_MIME "ReplaceMime" Empty Current "14.0-16.1" [];
        0x0A TYPE "Type" Unknown Legacy "" [];
        0x0B SOURCE "Source" Container Current "14.0-16.1" [];
        0x0C FOLDER_ID "FolderId" Text Current "14.0-16.1" [];
        0x0D ITEM_ID "ItemId" Text Current "14.0-16.1" [];
        0x0E LONG_ID "LongId" Text Current "14.0-16.1" [];
        0x0F INSTANCE_ID "InstanceId" Text Current "14.0-16.1" [];
        0x10 MIME "Mime" Opaque Current "14.0-16.1" [];
        0x11 CLIENT_ID "ClientId" Text Current "14.0-16.1" [];
        0x12 STATUS "Status" Text Current "14.0-16.1" [];
        0x13 ACCOUNT_ID "AccountId" Text Current "14.1-16.1" [];
        0x15 FORWARDEES "Forwardees" Container Current "16.0-16.1" [];
        0x16 FORWARDEE "Forwardee" Container Current "16.0-16.1" [];
        0x17 NAME "Name" Text Current "16.0-16.1" ["ForwardeeName"];
        0x18 EMAIL "Email" Text Current "16.0-16.1" ["ForwardeeEmail"];
    }
    22 "Email2" email2 {
        0x05 UM_CALLER_ID "UmCallerID" Text Current "14.0-16.1" [];
        0x06 UM_USER_NOTES "UmUserNotes" Text Current "14.0-16.1" [];
        0x07 UM_ATT_DURATION "UmAttDuration" Text Current "14.0-16.1" [];
        0x08 UM_ATT_ORDER "UmAttOrder" Text Current "14.0-16.1" [];
        0x09 CONVERSATION_ID "ConversationId" Opaque Current "14.0-16.1" [];
        0x0A CONVERSATION_INDEX "ConversationIndex" Opaque Current "14.0-16.1" [];
        0x0B LAST_VERB_EXECUTED "LastVerbExecuted" Text Current "14.0-16.1" [];
        0x0C LAST_VERB_EXECUTION_TIME "LastVerbExecutionTime" Text Current "14.0-16.1" [];
        0x0D RECEIVED_AS_BCC "ReceivedAsBcc" Text Current "14.0-16.1" [];
        0x0E SENDER "Sender" Text Current "14.0-16.1" [];
        0x0F CALENDAR_TYPE "CalendarType" Text Current "14.0-16.1" [];
        0x10 IS_LEAP_MONTH "IsLeapMonth" Text Current "14.0-16.1" [];
        0x11 ACCOUNT_ID "AccountId" Text Current "14.1-16.1" [];
        0x12 FIRST_DAY_OF_WEEK "FirstDayOfWeek" Text Current "14.1-16.1" [];
        0x13 MEETING_MESSAGE_TYPE "MeetingMessageType" Text Current "14.1-16.1" [];
        0x15 IS_DRAFT "IsDraft" Text Current "16.0-16.1" [];
        0x16 BCC "Bcc" Text Current "16.0-16.1" [];
        0x17 SEND "Send" Empty Current "16.0-16.1" [];
    }
    23 "Notes" notes {
        0x05 SUBJECT "Subject" Text Current "14.0-16.1" [];
        0x06 MESSAGE_CLASS "MessageClass" Text Current "14.0-16.1" [];
        0x07 LAST_MODIFIED_DATE "LastModifiedDate" Text Current "14.0-16.1" [];
        0x08 CATEGORIES "Categories" Container Current "14.0-16.1" [];
        0x09 CATEGORY "Category" Text Current "14.0-16.1" [];
    }
    24 "RightsManagement" rights_management {
        0x05 RIGHTS_MANAGEMENT_SUPPORT "RightsManagementSupport" Text Current "14.1-16.1" [];
        0x06 RIGHTS_MANAGEMENT_TEMPLATES "RightsManagementTemplates" Container Current "14.1-16.1" [];
        0x07 RIGHTS_MANAGEMENT_TEMPLATE "RightsManagementTemplate" Container Current "14.1-16.1" [];
        0x08 RIGHTS_MANAGEMENT_LICENSE "RightsManagementLicense" Container Current "14.1-16.1" [];
        0x09 EDIT_ALLOWED "EditAllowed" Text Current "14.1-16.1" [];
        0x0A REPLY_ALLOWED "ReplyAllowed" Text Current "14.1-16.1" [];
        0x0B REPLY_ALL_ALLOWED "ReplyAllAllowed" Text Current "14.1-16.1" [];
        0x0C FORWARD_ALLOWED "ForwardAllowed" Text Current "14.1-16.1" [];
        0x0D MODIFY_RECIPIENTS_ALLOWED "ModifyRecipientsAllowed" Text Current "14.1-16.1" [];
        0x0E EXTRACT_ALLOWED "ExtractAllowed" Text Current "14.1-16.1" [];
        0x0F PRINT_ALLOWED "PrintAllowed" Text Current "14.1-16.1" [];
        0x10 EXPORT_ALLOWED "ExportAllowed" Text Current "14.1-16.1" [];
        0x11 PROGRAMMATIC_ACCESS_ALLOWED "ProgrammaticAccessAllowed" Text Current "14.1-16.1" [];
        0x12 OWNER "Owner" Text Current "14.1-16.1" ["RMOwner"];
        0x13 CONTENT_EXPIRY_DATE "ContentExpiryDate" Text Current "14.1-16.1" [];
        0x14 TEMPLATE_ID "TemplateID" Text Current "14.1-16.1" [];
        0x15 TEMPLATE_NAME "TemplateName" Text Current "14.1-16.1" [];
        0x16 TEMPLATE_DESCRIPTION "TemplateDescription" Text Current "14.1-16.1" [];
        0x17 CONTENT_OWNER "ContentOwner" Text Current "14.1-16.1" [];
        0x18 REMOVE_RIGHTS_MANAGEMENT_PROTECTION "RemoveRightsManagementProtection" Empty Current "14.1-16.1" ["RemoveRightsManagementDistribution"];
    }
    25 "Find" find {
        0x05 FIND "Find" Container Current "16.1" [];
        0x06 SEARCH_ID "SearchId" Text Current "16.1" [];
        0x07 EXECUTE_SEARCH "ExecuteSearch" Container Current "16.1" [];
        0x08 MAIL_BOX_SEARCH_CRITERION "MailBoxSearchCriterion" Container Current "16.1" [];
        0x09 QUERY "Query" Mixed Current "16.1" [];
        0x0A STATUS "Status" Text Current "16.1" [];
        0x0B FREE_TEXT "FreeText" Text Current "16.1" [];
        0x0C OPTIONS "Options" Container Current "16.1" [];
        0x0D RANGE "Range" Text Current "16.1" [];
        0x0E DEEP_TRAVERSAL "DeepTraversal" Empty Current "16.1" [];
        0x11 RESPONSE "Response" Container Current "16.1" [];
        0x12 RESULT "Result" Container Current "16.1" [];
        0x13 PROPERTIES "Properties" Container Current "16.1" [];
        0x14 PREVIEW "Preview" Text Current "16.1" [];
        0x15 HAS_ATTACHMENTS "HasAttachments" Text Current "16.1" [];
        0x16 TOTAL "Total" Text Current "16.1" [];
        0x17 DISPLAY_CC "DisplayCc" Text Current "16.1" [];
        0x18 DISPLAY_BCC "DisplayBcc" Text Current "16.1" [];
        0x19 GAL_SEARCH_CRITERION "GalSearchCriterion" Container Current "16.1" [];
        0x20 MAX_PICTURES "MaxPictures" Text Current "16.1" [];
        0x21 MAX_SIZE "MaxSize" Text Current "16.1" [];
        0x22 PICTURE "Picture" Container Current "16.1" [];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tag;

    #[test]
    fn every_row_is_found_by_token_name_and_alias() {
        let mut rows = 0;
        for page in ACTIVE_SYNC.pages() {
            for info in page.tags() {
                let tag = Tag::new(page.number(), info.token);
                assert_eq!(tag.name(), Some(info.name));
                assert_eq!(tag.namespace(), Some(page.namespace()));
                let loud = info.name.to_ascii_uppercase();
                for name in info.aliases.iter().copied().chain([info.name, &loud]) {
                    assert_eq!(Tag::from_name(page.namespace(), name), Some(tag), "{name}");
                }
                rows += 1;
            }
        }
        assert_eq!(rows, 654);
        assert_eq!(ACTIVE_SYNC.pages().len(), 26);
    }

    #[test]
    fn no_two_rows_of_a_page_share_a_token_or_a_name() {
        for page in ACTIVE_SYNC.pages() {
            let mut names: Vec<_> = page
                .tags()
                .iter()
                .flat_map(|info| info.aliases.iter().copied().chain([info.name]))
                .map(str::to_ascii_lowercase)
                .collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "page {}", page.number());
            assert!(page.tags().is_sorted_by_key(|info| info.token));
            assert!(page.tags().windows(2).all(|pair| pair[0].token != pair[1].token));
        }
    }

    #[test]
    fn compose_mail_is_found_under_both_names() {
        assert_eq!(Tag::from_name("ComposeMail", "ForwardeeName"), Some(tags::compose_mail::NAME));
        assert_eq!(Tag::from_name("composemail:", "Email"), Some(tags::compose_mail::EMAIL));
        assert_eq!(tags::compose_mail::EMAIL.token(), 0x18);
    }

    #[test]
    fn tokens_that_no_specification_assigns_are_unknown() {
        for (page, token) in
            [(8, 0x0F), (15, 0x06), (17, 0x09), (18, 0x2A), (21, 0x14), (25, 0x1A), (26, 0x05)]
        {
            assert_eq!(Tag::new(page, token).name(), None, "{page} {token:#04x}");
        }
    }
}
