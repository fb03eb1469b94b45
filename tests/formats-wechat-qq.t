#!/bin/sh
# Exports of WeChat, WeCom and QQ tools, and ChatLab: what the samples hold, what their descriptions
# say beyond them, and damaged files.
. tests/lib.sh
export QUN_TZ=Asia/Shanghai
S=$QUN_SHARED/samples
events=$QUN_BUILD/tests/events

# --- the samples -----------------------------------------------------------------------------------

samples="wechat/weflow.json wechat/weflow_weclone_utf8bom.csv wechat/wx-cli.json
wechat/wechatdataanalysis_messages.json wechat/itchat.ndjson wechat/memotrace.txt
wechat/wechatexporter.txt wecom/msgaudit.ndjson wecom/groupchat_get.json
wecom/change_external_chat.xml qq/qce_v5.json qq/qce_chunked_jsonl/ qq/qq_pc.txt chatlab/chatlab.jsonl"

# Columns: 1 time 2 group 3 user 4 name 5 type 6 ref 7 source 8 amount 9 order 10 product 11 id 12 text
counts() { # records, messages by people, senders, joins, leaves
	"$events" "$1" | awk -F '\t' '
		$1 == "counts" { print $2 "\t" said + 0 "\t" people + 0 "\t" joins + 0 "\t" leaves + 0; next }
		($5 == "message" || ($5 == "redpacket" && $7 == "sent")) && $3 != "" { said++; if (!seen[$3]++) people++ }
		$5 == "join" { joins++ }
		$5 == "leave" { leaves++ }'
}
if [ -r "$S/EXPECTED.tsv" ]; then
	for f in $samples; do
		is "$f holds what EXPECTED.tsv says" \
			"$(awk -F '\t' -v OFS='\t' -v f="$f" '$1 == f { print $2, $3, $4, $5, $6 }' "$S/EXPECTED.tsv")" \
			"$(counts "$S/$f")"
	done
	is "no phantom of a system row is a person" "" \
		"$(for f in $samples; do "$events" "$S/$f"; done |
			awk -F '\t' '$3 ~ /^(系统消息|系统|未知|system|0|10000|.*@chatroom)$/')"
	says "statistics are refused" "sums without people" "'$events' '$S/wecom/groupchat_statistic_by_day.json'"
	is "WeFlow reads a joiner's id from his name" "wxid_tomjr7788xyz<王芳" \
		"$("$events" "$S/wechat/weflow.json" | awk -F '\t' '$5 == "join" && $4 == "Tom, Jr." { print $3 "<" $6 }')"
	is "QQ's sentences name people without quotes" "u_zj0009<u_hm0004:invite u_hm0004<u_own0001:qr" \
		"$("$events" "$S/qq/qce_v5.json" | awk -F '\t' '$5 == "join" && ($4 ~ /^张三/ || $4 == "韩梅梅") { a[$4] = $3 "<" $6 ":" $7 }
			END { print a["张三、张姐"], a["韩梅梅"] }')"
	is "an employee who left by himself, one who was removed" "wmAAAA000000000008: wmAAAA000000000011:removed" \
		"$("$events" "$S/wecom/change_external_chat.xml" | awk -F '\t' '$5 == "leave" { print $3 ":" $7 }' | sort | tr '\n' ' ' | sed 's/ $//')"
	is "ways of joining in a group's detail" "created 1, invite 5, link 1, qr 3" \
		"$("$events" "$S/wecom/groupchat_get.json" | awk -F '\t' '$5 == "join" { n[$7]++ }
			END { print "created " n["created"] ", invite " n["invite"] ", link " n["link"] ", qr " n["qr"] }')"
	# the archive knows who talks (8 in that week), the callbacks who comes and goes, the detail who is staff (1)
	is "WeCom's three files together" "wrAAAA00000000GRP1,2026-03-02,events,7" \
		"$(activity-rate --period week --columns group,period,basis,talkers "$S/wecom/msgaudit.ndjson" \
			"$S/wecom/change_external_chat.xml" "$S/wecom/groupchat_get.json" 2>/dev/null | sed -n 3p)"
	for tables in "cohort-retention --birth join" "activity-rate --talk" "churn-list --class left,newcomer,silent"; do
		same "a folder of QQ's chunks is the chat that its document is: $tables" "$tables -q $S/qq/qce_v5.json" \
			"$tables -q $S/qq/qce_chunked_jsonl"
	done
	is "11 people talk in ChatLab, 10 of them are no staff" "10" \
		"$(cohort-retention --columns size,offset "$S/chatlab/chatlab.jsonl" 2>/dev/null |
			awk -F, '$2 == 0 { n += $1 } END { print n }')"
else
	skip "sample exports" "$S is not there"
fi

# --- what the descriptions say ---------------------------------------------------------------------

# Time of day, group, user (a name at its group), type, inviter or remover, way; in order of time.
told() { "$events" "$1" 2>&1 | tr '\037' '@' | awk -F '\t' '{ print $1 == "bad" || NF < 7 ? $0 : substr($1, 6, 14) " " $2 " " $3 " " $5 " " $6 " " $7 }' |
	sed 's/ *$//' | grep -v '^counts' | sort; }
holds() { # NAME FILE, expected lines on stdin
	is "$1" "$(cat)" "$(told "$scratch/$2")"
}

cat >"$scratch/chatlab.json" <<'T'
{"messages": [
{"type": 0, "timestamp": 1772413270000, "sender": 7434170983651234567, "accountName": "Ann", "content": null},
{"type": 0, "timestamp": 1772413280, "sender": "u2", "accountName": "Bob", "content": "hi"},
{"type": 80, "timestamp": "1772413290", "sender": "system", "accountName": "x", "content": "\"Ann\"邀请\"老三\"加入了群聊"},
{"type": 20, "timestamp": 1772413291, "sender": "u2", "accountName": "Bob", "content": ""},
{"type": 99, "timestamp": null, "sender": "u2", "accountName": "Bob", "content": "lost"}],
"members": [{"platformId": "u3", "accountName": "C", "aliases": ["老三"], "roles": [{"id": "admin"}]}],
"meta": {"name": "G", "platform": "wechat", "type": "group", "groupId": "g1", "ownerId": "u2"},
"chatlab": {"version": "0.0.2", "exportedAt": 1775008800}}
T
holds "ChatLab: header and members behind the messages, ids and times as numbers" chatlab.json <<'T'
03-02T09:01:10 g1 7434170983651234567 message
03-02T09:01:10 g1 u2 system
03-02T09:01:10 g1 u3 system
03-02T09:01:20 g1 u2 message
03-02T09:01:30 g1 u3 join 7434170983651234567 invite
03-02T09:01:31 g1 u2 redpacket  sent
bad	time	timestamp	a message without a time
T
cat >"$scratch/chatlab_qq.json" <<'T'
{"chatlab": {"version": "0.0.2"}, "meta": {"name": "G", "platform": "qq", "type": "group"},
"members": [{"platformId": "u3", "accountName": "老三"}],
"messages": [
{"type": 80, "timestamp": 1772413290, "sender": "0", "accountName": "", "content": "老三通过你的二维码加入了群聊"},
{"type": 80, "timestamp": 1772413291, "sender": "0", "accountName": "", "content": "老三退出了群聊"},
{"type": 81, "timestamp": 1772413292, "sender": "u2", "accountName": "Bob", "content": "Bob 撤回了一条消息"}]}
T
holds "ChatLab of QQ: members before the messages, QQ's sentences" chatlab_qq.json <<'T'
03-02T09:01:30 G u3 join 我 qr
03-02T09:01:31 G u3 leave
03-02T09:01:32 G  system
T

cat >"$scratch/arkme.json" <<'T'
{"weflow": {"version": "1"}, "session": {"wxid": "1@chatroom", "displayName": "G"},
 "messages": [
 {"createTime": 1772413201, "type": "系统消息", "content": "\"Ann\"邀请\"三姐\"加入了群聊", "isSend": 0, "senderID": 9},
 {"createTime": 1772413202, "type": "文本消息", "content": "x", "isSend": 1, "senderID": 1},
 {"createTime": 1772413203, "type": "红包卡片", "content": "x", "isSend": null, "senderID": 2},
 {"createTime": 1772413204, "type": "系统消息", "content": "你将\"三姐\"移出了群聊", "senderID": 9}],
 "senders": [{"senderID": 1, "wxid": "wxid_ann", "displayName": "Ann"}, {"senderID": 2, "wxid": "wxid_bob"}],
 "groupMembers": [{"accountId": "wxid_c", "displayName": "C", "nickname": "三姐", "remark": "", "messageCount": 0}]}
T
holds "Arkme: senders by number, told behind the messages" arkme.json <<'T'
03-02T09:00:01 1@chatroom wxid_c join wxid_ann invite
03-02T09:00:02 1@chatroom wxid_ann message
03-02T09:00:03 1@chatroom wxid_bob redpacket  sent
03-02T09:00:04 1@chatroom wxid_c leave wxid_ann removed
T
cat >"$scratch/arkme_first.json" <<'T'
{"session": {"accountId": "wxid_me", "displayName": "G"}, "senders": [{"senderID": 1, "wxid": "wxid_ann", "displayName": "Ann"}],
 "messages": [{"createTime": 1772413202, "type": "文本消息", "content": "x", "isSend": 0, "senderID": 1}]}
T
holds "Arkme: senders first; the exporter's account is no group" arkme_first.json <<'T'
03-02T09:00:02 G wxid_ann message
T
cat >"$scratch/echotrace.json" <<'T'
{"avatars": {"wxid_ann": "data:image/png;base64,AAAA"}, "messages": [
 {"localId": 1, "createTime": 1772413201, "formattedTime": "2026-03-02 09:00:01", "type": "系统消息", "localType": 10000, "content": "你邀请\"Bob\"加入了群聊", "isSend": null, "senderUsername": "1@chatroom", "senderDisplayName": "G"},
 {"localId": 2, "createTime": 1772413202, "type": "未知类型(8594229559345)", "localType": 8594229559345, "content": "", "isSend": 1, "senderUsername": "wxid_ann", "senderDisplayName": "Ann"},
 {"localId": 3, "createTime": 1772413203, "type": "未知类型(266287972401)", "localType": 266287972401, "content": "", "isSend": 0, "senderUsername": "wxid_bob", "senderDisplayName": "Bob"}]}
T
holds "echotrace: packed types, and no session: the group is the sender of system rows" echotrace.json <<'T'
03-02T09:00:01 1@chatroom wxid_bob join wxid_ann invite
03-02T09:00:02 1@chatroom wxid_ann redpacket  sent
03-02T09:00:03 1@chatroom wxid_bob system
T
cat >"$scratch/ciphertalk.json" <<'T'
{"exportInfo": {"generator": "CipherTalk"}, "session": {"groupId": "2@chatroom", "isGroup": true}, "messages": [
{"createTime": 1772413201, "type": "系统消息", "localType": 10000, "chatLabType": 80, "content": "你邀请\"王芳、李雷\"加入了群聊", "isSend": 0, "senderUsername": "2@chatroom", "senderDisplayName": "G"},
{"createTime": 1772413202, "type": "引用消息", "localType": 244813135921, "chatLabType": 25, "content": "甜", "senderUsername": "lilei88", "senderDisplayName": "雷", "groupNickname": "李雷"},
{"createTime": 1772413203, "type": "系统消息", "chatLabType": 81, "content": "你撤回了一条消息", "isSend": 1, "senderUsername": "wxid_me"},
{"createTime": 1772413204, "type": "红包卡片", "chatLabType": 20, "content": "", "isSend": 1, "senderUsername": "wxid_me"}]}
T
holds "CipherTalk" ciphertalk.json <<'T'
03-02T09:00:01 2@chatroom lilei88 join wxid_me invite
03-02T09:00:01 2@chatroom 王芳 join wxid_me invite
03-02T09:00:02 2@chatroom lilei88 message
03-02T09:00:03 2@chatroom  system
03-02T09:00:04 2@chatroom wxid_me redpacket  sent
T
cat >"$scratch/wxcli.json" <<'T'
{"messages": [{"timestamp": 1772413201, "time": "2026-03-02 09:00", "sender": "", "content": "你邀请\"王芳\"加入了群聊", "type": "系统", "local_id": 100},
{"timestamp": 1772413202, "time": "2026-03-02 09:00", "sender": "王芳", "content": "[红包] x", "type": "链接/文件", "local_id": 101},
{"time": "2026-03-02 09:02", "sender": "李雷", "content": "[红包] x", "type": "文本", "local_id": 102, "sender_username": "lilei88"}],
"chat": "G", "username": "1@chatroom", "count": 3}
T
holds "wx-cli: ids left out, the chat named behind the messages" wxcli.json <<'T'
03-02T09:00:01 1@chatroom 王芳 join 我 invite
03-02T09:00:02 1@chatroom 王芳 redpacket  sent
03-02T09:02:00 1@chatroom lilei88 message
T
cat >"$scratch/analysis.json" <<'T'
{"conversation": {"username": "", "displayName": "G"}, "messages":[
{"serverId": 0, "createTime": 1772413201, "type": 1, "renderType": "text", "senderUsername": "", "conversationUsername": "", "content": "a", "senderDisplayName": "Ann"},
{"serverId": 0, "createTime": 1772413202, "type": 8594229559345, "renderType": null, "isSent": true, "senderUsername": "", "content": "b", "senderDisplayName": "Bob"},
{"createTime": 1772413203, "type": 10000, "renderType": "system", "senderUsername": "", "content": "\"Ann\"邀请\"Cid\"加入了群聊", "senderDisplayName": ""}]}
T
holds "WeChatDataAnalysis without ids" analysis.json <<'T'
03-02T09:00:01 G Ann message
03-02T09:00:02 G Bob redpacket  sent
03-02T09:00:03 G Cid join Ann invite
T
cat >"$scratch/itchat.ndjson" <<'T'
{"MsgId":"1","FromUserName":"@me","ToUserName":"@@g","MsgType":1,"Content":"hello<br/>there","CreateTime":1772413201,"Type":"Text","ActualNickName":"","ActualUserName":""}
{"MsgId":"2","FromUserName":"@@g","ToUserName":"@me","MsgType":1,"Content":"@x:<br/>hi <span class=\"emoji emoji1f338\"></span>","CreateTime":1772413202,"Type":"Text"}
{"MsgId":"3","FromUserName":"@@g","ToUserName":"@me","MsgType":10000,"Content":"你邀请\"X\"加入了群聊","CreateTime":1772413203,"Type":"Note"}
{"MsgId":"4","FromUserName":"@friend","ToUserName":"@me","MsgType":1,"Content":"private","CreateTime":1772413204,"Type":"Text"}
T
holds "itchat: own messages, senders inside of the content, private chats" itchat.ndjson <<'T'
03-02T09:00:01 @@g @me message
03-02T09:00:02 @@g @x message
03-02T09:00:03 @@g X join @me invite
03-02T09:00:04 - @friend message
T
is "itchat: HTML becomes text" "hello\\nthere hi 🌸" \
	"$("$events" "$scratch/itchat.ndjson" | awk -F '\t' '$11 == 1 || $11 == 2 { printf "%s%s", n++ ? " " : "", $12 }')"
cat >"$scratch/wechaty.ndjson" <<'T'
{"event": "room-join", "payload": {"inviteeIdList": ["a", "b"], "inviterId": "o", "roomId": "1@chatroom", "timestamp": 1772413201}}
{"event": "message", "payload": {"id": "7434170983651234853", "talkerId": "a", "roomId": "1@chatroom", "text": "x", "timestamp": 1772413202000, "type": 7}}
{"event": "message", "payload": {"id": "1", "fromId": "b", "roomId": "1@chatroom", "text": "", "timestamp": 1772413203, "type": 12}}
{"event": "message", "payload": {"id": "2", "talkerId": "1@chatroom", "roomId": "1@chatroom", "text": "你将\"A\"移出了群聊", "timestamp": 1772413204, "type": 18}}
{"event": "room-leave", "payload": {"removeeIdList": ["a"], "removerId": "o", "roomId": "1@chatroom", "timestamp": 1772413205}}
{"event": "room-leave", "payload": {"removeeIdList": ["b"], "removerId": "b", "roomId": "1@chatroom", "timestamp": 1772413206}}
{"event": "room-topic", "payload": {"changerId": "o", "newTopic": "x", "oldTopic": "y", "roomId": "1@chatroom", "timestamp": 1772413207}}
{"event": "heartbeat", "payload": {"data": "ping"}}
T
holds "Wechaty: events, seconds and milliseconds in one file" wechaty.ndjson <<'T'
03-02T09:00:01 1@chatroom a join o invite
03-02T09:00:01 1@chatroom b join o invite
03-02T09:00:02 1@chatroom a message
03-02T09:00:03 1@chatroom b redpacket  sent
03-02T09:00:05 1@chatroom a leave o removed
03-02T09:00:06 1@chatroom b leave
03-02T09:00:07 1@chatroom o system
T
cat >"$scratch/bare.ndjson" <<'T'
{"id":"1","talkerId":"a","roomId":"1@chatroom","mentionIdList":[],"text":"hi","timestamp":1772413201,"type":7}
{"id":"2","talkerId":"","roomId":"1@chatroom","text":"\"甲\"邀请\"乙\"加入了群聊","timestamp":1772413202,"type":18}
{"id":"3","talkerId":"a","roomId":"1@chatroom","text":"","timestamp":1772413203,"type":13}
T
holds "Wechaty: bare messages, whose sentences are all there is" bare.ndjson <<'T'
03-02T09:00:01 1@chatroom a message
03-02T09:00:02 1@chatroom 乙 join 甲 invite
03-02T09:00:03 1@chatroom a system
T
cat >"$scratch/wecom.ndjson" <<'T'
{"msgid":"1","action":"send","from":"yunduo","tolist":"[\"a\"]","roomid":"g","msgtime":"1772413201002","msgtype":"text","text":null,"content":"{\"content\":\"x\"}","image":null}
{"msgid":"2","action":"send","from":"wm1","tolist":null,"roomid":null,"msgtime":1772413202000,"msgtype":"disagree","disagree":{"userid":"wm1"}}
{"msgid":"3","action":"recall","from":"wm1","roomid":"g","msgtime":1772413203000,"msgtype":"revoke","revoke":{"pre_msgid":"1"}}
{"msgid":"4","action":"switch","time":1772413204000,"user":"yunduo"}
T
holds "WeCom archive: wrapped again, with nulls and numbers as text" wecom.ndjson <<'T'
03-02T09:00:01 g yunduo message
03-02T09:00:02 - wm1 system
03-02T09:00:03 g wm1 system
T
cat >"$scratch/service.json" <<'T'
{"chat_id": "wr1", "name": "G", "member_list": [
{"user_id": "wm1", "user_type": 2, "join_scene": 3, "join_time": 1772413201, "deleted": 1, "deleted_time": 1772413202, "invitor_ext_id": null},
{"user_id": "zhang", "user_type": 1, "join_scene": 0, "join_time": "2026-03-02 09:00:03", "deleted": 0, "deleted_time": 0}]}
T
holds "a service's member list keeps those who left" service.json <<'T'
03-02T09:00:01 wr1 wm1 join  qr
03-02T09:00:02 wr1 wm1 leave
03-02T09:00:03 wr1 zhang join  invite
T
cat >"$scratch/details.ndjson" <<'T'
{"errcode":0,"group_chat":{"member_list":[{"userid":"wm1","type":2,"join_time":1772413202,"join_scene":2,"invitor":{"userid":"boss"},"name":"A","group_nickname":""}],"chat_id":"g1","owner":"boss","create_time":1772413201}}
{"errcode":0,"group_chat":{"chat_id":"g2","owner":"boss","create_time":1772413201,"member_list":[{"userid":"boss","type":1,"join_time":1772413201,"join_scene":1,"name":"B"}]}}
T
holds "details of several groups, the id before or behind the members" details.ndjson <<'T'
03-02T09:00:01 g2 boss join  created
03-02T09:00:02 g1 wm1 join boss link
T
cat >"$scratch/callbacks.xml" <<'T'
<xml>
 <CreateTime>1772413201</CreateTime><Event>change_external_chat</Event><ChatId>g</ChatId>
 <ChangeType>update</ChangeType><UpdateDetail>add_member</UpdateDetail><JoinScene>3</JoinScene>
 <MemChangeList><![CDATA[a, b]]></MemChangeList>
</xml>
<xml><CreateTime>1772413202</CreateTime><Event><![CDATA[change_external_chat]]></Event><ChatId><![CDATA[g]]></ChatId><UpdateDetail>del_member</UpdateDetail><QuitScene>0</QuitScene></xml>
<xml><CreateTime>1772413202</CreateTime><Event>change_external_chat</Event><ChatId>g</ChatId><UpdateDetail>del_member</UpdateDetail><QuitScene>1</QuitScene><MemChangeList>a</MemChangeList></xml> <xml><CreateTime>1772413203</CreateTime><Event>change_external_chat</Event><ChatId>h</ChatId><UpdateDetail>del_member</UpdateDetail><QuitScene>0</QuitScene><MemChangeList>b</MemChangeList></xml>
<xml><CreateTime>1772413203</CreateTime><Event><![CDATA[change_external_contact]]></Event></xml>
<xml><CreateTime>soon</CreateTime><Event>change_external_chat</Event><ChatId>g</ChatId></xml>
<xml><CreateTime>1772413204</CreateTime><Event>change_external_chat</Event>
T
holds "callbacks: on several lines, two on one, without members, other events, not closed" callbacks.xml <<'T'
03-02T09:00:01 g a join  qr
03-02T09:00:01 g b join  qr
03-02T09:00:02 g  system
03-02T09:00:02 g a leave  removed
03-02T09:00:03 h b leave
bad	open		the last callback is never closed
bad	time	CreateTime	cannot read time 'soon'
T
cat >"$scratch/qq4.json" <<'T'
{"chatInfo": {"name": "群", "type": "group", "selfUid": "u_0"}, "messages": [
{"messageId": "1", "timestamp": "2026-03-02T01:00:01.000Z", "sender": {"uid": "u_1", "uin": "1001", "name": "甲"}, "messageType": 2, "isSystemMessage": false, "isRecalled": false, "content": {"text": "hi"}, "rawMessage": {"senderUin": "1001", "sendNickName": "小甲", "sendMemberName": "甲"}},
{"messageId": "2", "timestamp": "2026-03-02T01:00:02.000Z", "sender": {"uid": "", "uin": "0", "name": ""}, "messageType": 5, "isSystemMessage": true, "content": {"text": "小甲邀请乙加入了群聊，并附带了30条聊天记录。"}},
{"messageId": "3", "timestamp": "2026-03-02T01:00:03.000Z", "sender": {"uid": null, "uin": 1002, "name": "乙"}, "isRecalled": true, "content": {"text": "oops"}},
{"messageId": "4", "timestamp": "2026-03-02T01:00:04.000Z", "sender": {"uin": "0"}, "isSystemMessage": true, "content": {"text": "你通过甲分享的二维码加入了群聊"}}]}
T
holds "QQ version 4" qq4.json <<'T'
03-02T09:00:01 群 u_1 message
03-02T09:00:02 群 1002 join u_1 invite
03-02T09:00:03 群 1002 system
03-02T09:00:04 群 u_0 join u_1 qr
T
cat >"$scratch/qq.txt" <<'T'
消息记录（此消息记录为文本格式，不支持重新导入）

================================================================
消息分组:群
================================================================
消息对象:一群
================================================================

2026-03-02 9:00:01 【管理员】甲(1001)
line

2026-03-02 09:00:02 no header (x1)
last line

2026-13-02 9:00:03 乙(1002)
lost

2026-03-02 9:00:04 乙<b@example.com>
hi

================================================================
消息对象:二群
================================================================

2026-03-02 09:00:05 系统消息(10000)
甲邀请丙加入了群聊
T
holds "QQ text: hours of one digit, blank lines in messages, mail addresses, two chats" qq.txt <<'T'
03-02T09:00:01 一群 1001 message
03-02T09:00:04 一群 b@example.com message
03-02T09:00:05 二群 丙 join 1001 invite
bad	time		cannot read time '2026-13-02 9:00:03'
T
is "QQ text: a name with a title, a message of several lines" "甲 line\\n\\n2026-03-02 09:00:02 no header (x1)\\nlast line" \
	"$("$events" "$scratch/qq.txt" | awk -F '\t' '$3 == "1001" { print $4 " " $12 }')"
cat >"$scratch/memotrace.txt" <<'T'
2026-03-02 09:00:01
"甲"邀请"乙"加入了群聊

2026-03-02 09:00:02 乙
one

two
2026-03-02 09:00:03 not a message
T
holds "MemoTrace text: a time without an empty line before it is text" memotrace.txt <<'T'
03-02T09:00:01 - 乙@- join 甲@- invite
03-02T09:00:02 - 乙@- message
T
cat >"$scratch/exporter.txt" <<'T'
"甲"邀请"乙"加入了群聊
乙 (2026-03-02 09:00:02):one (2):
two
你将"乙"移出了群聊
甲 (组长) (2026-03-02 09:00:03):three
T
holds "WechatExporter: system lines get the time of a neighbour" exporter.txt <<'T'
03-02T09:00:02 - 乙@- join 甲@- invite
03-02T09:00:02 - 乙@- leave 我@- removed
03-02T09:00:02 - 乙@- message
03-02T09:00:03 - 甲 (组长)@- message
T

printf '序号,时间,发送者,发送者QQ号,群头衔,消息类型,消息内容,是否撤回,资源数量\r\n1,2026-03-02 09:00:01,系统消息,,,系统消息,甲邀请乙、丙加入了群聊,否,0\r\n2,2026/3/2 9:01,甲,1001,团长,文本消息,hi,否,0\r\n3,2026-03-02 09:02:10,丙,1003,,文本消息,x,是,0\r\n' >"$scratch/qq_sheet.csv"
holds "QQ's sheet: numbers of people, recalled messages" qq_sheet.csv <<'T'
03-02T09:00:01 - 1003 join 1001 invite
03-02T09:00:01 - 乙 join 1001 invite
03-02T09:01:00 - 1001 message
03-02T09:02:10 - 1003 system
T
printf '序号,时间,发送者,消息类型,内容,本地 ID,服务 ID\n1,2026-03-02 09:00:01,,系统消息,"""甲""邀请""乙""加入了群聊",1,7434170983651234567\n2,2026-03-02 09:01:10,甲,红包,x,2,7.43E+18\n3,2026-03-02 09:02:10,乙,文本消息,[图片],3,7.43E+18\n' >"$scratch/analysis_sheet.csv"
holds "WeChatDataAnalysis's sheet: names only" analysis_sheet.csv <<'T'
03-02T09:00:01 - 乙@- join 甲@- invite
03-02T09:01:10 - 甲@- redpacket  sent
03-02T09:02:10 - 乙@- message
T
cat >"$scratch/names.csv" <<'T'
消息ID,类型,发送人,时间,内容,备注,昵称,更多信息
1,文本,王芳,2026-03-02 09:01:10,hi,王芳,王芳,more
2,系统消息,群,2026-03-02 09:02:01,"<sysmsg type=""delchatroommember""><delchatroommember><plain><![CDATA[你邀请""王芳""加入了群聊]]></plain><link><scene>invite</scene><memberlist><username>wxid_wf</username></memberlist></link></delchatroommember></sysmsg>",群,群,more
3,系统消息,群,2026-03-02 09:03:01,"1@chatroom:
<sysmsg type=""sysmsgtemplate""><sysmsgtemplate><content_template type=""tmpl_type_profile""><template><![CDATA[""$username$""邀请""$names$""加入了群聊]]></template><link_list><link name=""username"" type=""link_profile""><memberlist><member><username>wxid_wf</username><nickname>王芳</nickname></member></memberlist></link><link name=""names"" type=""link_profile""><memberlist><member><username>wxid_z</username><nickname>Z、Y</nickname></member></memberlist></link></link_list></content_template></sysmsgtemplate></sysmsg>",群,群,more
T
holds "XML of system rows tells names where people are known by names" names.csv <<'T'
03-02T09:01:10 - 王芳@- message
03-02T09:02:01 - 王芳@- join 我@- invite
03-02T09:03:01 - Z、Y@- join 王芳@- invite
T
cat >"$scratch/service2.json" <<'T'
{"code":1,"data":{"list":[{"userid":"a","name":"A","join_time_str":"2026-03-02 09:00:01","join_scene_desc":"扫描群二维码入群","status_desc":"在群","withdraw_time":null},
{"userid":"b","name":"B","join_time_str":"2026-03-02 09:00:05","join_scene_desc":"由群成员邀请入群","status_desc":"已退群","withdraw_time":"2026-03-05 10:00:00","withdraw_scene":"主动退群"}]}}
T
holds "another service's list, in the answer of its API" service2.json <<'T'
03-02T09:00:01 - a join  qr
03-02T09:00:05 - b join  invite
03-05T10:00:00 - b leave
T
printf 'user_id,user_type,join_scene,join_time,deleted,deleted_time\na,2,3,1772413201,1,1772499601\n' >"$scratch/members.csv"
says "a list of members is refused" "give it with --roster" "cohort-retention $scratch/members.csv"

# --- columns read by their names, and types nobody knows -------------------------------------------

printf '%s\n' ts,user,type 2026-03-02,a,visit 2026-03-03,a,hello >"$scratch/odd.csv"
says "types that are none are said" "2 records have a word in their type column" "cohort-retention <$scratch/odd.csv"
printf '%s\n' '{"ts":1772413201,"user":"a","type":"文本"}' >"$scratch/odd.ndjson"
says "in JSON too" "1 records have a word in their type column" "cohort-retention <$scratch/odd.ndjson"
is "unless the run names one of them" "" "$(cohort-retention --active visit "$scratch/odd.csv" 2>&1 >/dev/null)"
is "or they are set" "" "$(cohort-retention --set type=visit --active message "$scratch/odd.csv" 2>&1 >/dev/null | grep 'type column')"
finish
