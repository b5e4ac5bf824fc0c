extension MessageServiceStatus {
    /// The metrics that OpenIM's services have, by the names that they have there (pkg/common/prommetrics).
    func addOpenIM(_ version: OpenIMVersion, to text: inout PrometheusText) {
        text.metric("user_login_total", .counter, logins.value, "Tokens given.")
        if version == .v3_8_3 {
            text.metric("user_register_total", .counter, registrations.value, "Users registered.")
            text.metric(
                "msg_long_time_push_total", .counter, lateMessages.value,
                "Messages pushed over 10 s after they were sent.")
        }
        text.metric(
            "single_chat_msg_process_success_total", .counter, singleChatMessages.value,
            "Messages taken for one receiver.")
        text.metric(
            "single_chat_msg_process_failed_total", .counter, singleChatFailures.value,
            "Messages for one receiver refused.")
        text.metric(
            "gatecrash_messages_connections_pushed_to_total", .counter, connectionsPushedTo.value,
            "Connections that pushes have reached, as the gateways say.")
    }
}
