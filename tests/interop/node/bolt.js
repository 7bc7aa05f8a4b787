// The release desk as a Bolt app.
const { App } = require('@slack/bolt');
const desk = require('../desk.json');

const app = new App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: { slackApiUrl: process.env.SLACK_API_URL },
});

app.event('app_mention', async ({ event, client, say }) => {
  const thread = event.thread_ts ?? event.ts;
  if (event.text.includes('headcount')) {
    let people = 0;
    let pages = 0;
    for await (const page of client.paginate('users.list', { limit: 100 })) {
      people += page.members.length;
      pages += 1;
    }
    await say({ text: `${people} people on ${pages} pages`, thread_ts: thread });
  } else if (event.text.includes('log')) {
    await client.filesUploadV2({
      channel_id: event.channel,
      thread_ts: thread,
      filename: 'run.log',
      title: 'The log',
      content: 'all good\nbye\n',
      initial_comment: 'Here it is',
    });
  } else {
    await say({ text: `Hello <@${event.user}>`, thread_ts: thread });
  }
});

app.message(/^knock/, async ({ say }) => {
  await say('Who is there?');
});

app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: desk.home });
});

app.command('/deploy', async ({ ack, body, client, command }) => {
  await ack();
  const posted = await client.chat.postMessage({ channel: command.channel_id, text: `${command.text}: which version?` });
  const order = { service: command.text, channel: posted.channel, ts: posted.ts };
  await client.views.open({
    trigger_id: body.trigger_id,
    view: { ...desk.modal, private_metadata: JSON.stringify(order) },
  });
});

app.view('deploy', async ({ ack, view, client }) => {
  const version = view.state.values.version_block.version.value;
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    await ack({ response_action: 'errors', errors: { version_block: 'Three numbers, please' } });
    return;
  }
  await ack();
  const { service, channel, ts } = JSON.parse(view.private_metadata);
  await client.chat.update({ channel, ts, text: `${service} ${version} is out`, blocks: desk.release });
});

app.view({ callback_id: 'deploy', type: 'view_closed' }, async ({ ack, view, client }) => {
  await ack();
  const { service, channel, ts } = JSON.parse(view.private_metadata);
  await client.chat.update({ channel, ts, text: `${service}: called off` });
});

app.action('details', async ({ ack, body, client }) => {
  await ack();
  await client.chat.postEphemeral({ channel: body.channel.id, user: body.user.id, text: 'Nothing broke so far' });
});

app.options('owner', async ({ ack, options }) => {
  const typed = options.value.toLowerCase();
  await ack({ options: desk.owners.filter((owner) => owner.text.text.toLowerCase().includes(typed)) });
});

app.action('owner', async ({ ack, action, body, respond }) => {
  await ack();
  await respond({
    response_type: 'in_channel',
    replace_original: false,
    text: `<@${body.user.id}> gave it to ${action.selected_option.value}`,
  });
});

app.command('/report', async ({ ack, client, command }) => {
  await ack('Looking');
  await client.chat.postMessage({ channel: command.channel_id, text: 'Report: all quiet' });
});

app.shortcut('new_task', async ({ ack, client, shortcut }) => {
  await ack();
  await client.views.open({ trigger_id: shortcut.trigger_id, view: desk.task });
});

app.view('task', async ({ ack, body, client, view }) => {
  await ack();
  await client.chat.postMessage({ channel: body.user.id, text: `Noted: ${view.state.values.title_block.title.value}` });
});

app.shortcut('file_bug', async ({ ack, client, shortcut }) => {
  await ack();
  await client.chat.postMessage({
    channel: shortcut.channel.id,
    thread_ts: shortcut.message.ts,
    text: `Filed: ${shortcut.message.text}`,
  });
});

process.on('SIGTERM', async () => {
  await app.stop();
  process.exit(0);
});

app.start();
