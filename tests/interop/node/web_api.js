// An errand through the Web API: does one thing after the other and prints what came back.
const { WebClient } = require('@slack/web-api');
const desk = require('../desk.json');

const web = new WebClient(process.env.SLACK_BOT_TOKEN, { slackApiUrl: process.env.SLACK_API_URL });

async function people() {
  const members = [];
  let pages = 0;
  for await (const page of web.paginate('users.list', { limit: 100 })) {
    members.push(...page.members);
    pages += 1;
  }
  return { members, pages };
}

async function general() {
  for await (const page of web.paginate('conversations.list', { limit: 1 })) {
    const found = page.channels.find((channel) => channel.name === 'general');
    if (found) return found.id;
  }
  throw new Error('there is no general');
}

async function refusal(call) {
  try {
    await call();
  } catch (error) {
    return error.data.error;
  }
  return '';
}

async function main() {
  const me = await web.auth.test();
  const { members, pages } = await people();
  const ann = members.find((member) => member.name === 'ann');
  const channel = await general();

  const { ts } = await web.chat.postMessage({ channel, text: 'First draft', blocks: desk.release });
  await web.chat.update({ channel, ts, text: 'Second draft' });
  await web.reactions.add({ channel, timestamp: ts, name: 'eyes' });
  await web.pins.add({ channel, timestamp: ts });
  const reply = await web.chat.postMessage({ channel, thread_ts: ts, text: 'A remark' });
  await web.chat.postMessage({ channel, thread_ts: ts, text: 'Another' });
  await web.chat.delete({ channel, ts: reply.ts });
  await web.chat.postEphemeral({ channel, user: ann.id, text: 'Only you' });

  const reacted = await web.reactions.get({ channel, timestamp: ts });
  const pinned = await web.pins.list({ channel });
  const thread = await web.conversations.replies({ channel, ts });
  const history = await web.conversations.history({ channel, limit: 1 });
  const { permalink } = await web.chat.getPermalink({ channel, message_ts: ts });
  const info = await web.conversations.info({ channel });
  const profile = await web.users.info({ user: ann.id });
  const found = await web.users.lookupByEmail({ email: profile.user.profile.email });

  const direct = await web.conversations.open({ users: ann.id });
  await web.chat.postMessage({ channel: direct.channel.id, text: 'Between us' });
  const home = await web.views.publish({ user_id: ann.id, view: desk.home });
  const upload = await web.filesUploadV2({
    channel_id: channel,
    filename: 'run.log',
    title: 'The log',
    content: 'all good\nbye\n',
    initial_comment: 'Here it is',
  });
  const file = await web.files.info({ file: upload.files[0].files[0].id });

  return {
    user: me.user_id,
    people: members.length,
    pages,
    channel,
    ts,
    permalink,
    text: thread.messages[0].text,
    replies: thread.messages.slice(1).map((message) => message.text),
    latest: history.messages[0].ts,
    reactions: reacted.message.reactions.map((reaction) => reaction.name),
    pins: pinned.items.map((item) => item.message.ts),
    name: info.channel.name,
    found: found.user.name,
    direct: direct.channel.id,
    home: home.view.type,
    file: [file.file.name, file.file.title, file.file.size],
    unknown_channel: await refusal(() => web.chat.postMessage({ channel: 'C0NOWHERE', text: 'Hello?' })),
    no_text: await refusal(() => web.chat.postMessage({ channel })),
    bad_trigger: await refusal(() => web.views.open({ trigger_id: '1.2.3', view: desk.modal })),
  };
}

main().then((result) => console.log(JSON.stringify(result)));
