// The release desk on the bare Socket Mode client, with the bare Web API client beside it.
const { SocketModeClient } = require('@slack/socket-mode');
const { WebClient } = require('@slack/web-api');
const desk = require('../desk.json');

const clientOptions = { slackApiUrl: process.env.SLACK_API_URL };
const web = new WebClient(process.env.SLACK_BOT_TOKEN, clientOptions);
const client = new SocketModeClient({
  appToken: process.env.SLACK_APP_TOKEN,
  // Milliseconds for a pong; also the pause before it dials again.
  clientPingTimeout: Number(process.env.PING_TIMEOUT ?? 5000),
  clientOptions,
});

client.on('app_mention', async ({ event, ack }) => {
  await ack();
  const thread = { channel: event.channel, thread_ts: event.thread_ts ?? event.ts };
  if (event.text.includes('headcount')) {
    let people = 0;
    let pages = 0;
    for await (const page of web.paginate('users.list', { limit: 100 })) {
      people += page.members.length;
      pages += 1;
    }
    await web.chat.postMessage({ ...thread, text: `${people} people on ${pages} pages` });
  } else if (event.text.includes('log')) {
    await web.filesUploadV2({
      channel_id: event.channel,
      thread_ts: thread.thread_ts,
      filename: 'run.log',
      title: 'The log',
      content: 'all good\nbye\n',
      initial_comment: 'Here it is',
    });
  } else {
    await web.chat.postMessage({ ...thread, text: `Hello <@${event.user}>` });
  }
});

client.on('message', async ({ event, ack }) => {
  await ack();
  if (/^knock/.test(event.text) && !event.bot_id) {
    await web.chat.postMessage({ channel: event.channel, text: 'Who is there?' });
  }
});

client.on('app_home_opened', async ({ event, ack }) => {
  await ack();
  await web.views.publish({ user_id: event.user, view: desk.home });
});

client.on('slash_commands', async ({ body, ack }) => {
  if (body.command === '/report') {
    await ack('Looking');
    await web.chat.postMessage({ channel: body.channel_id, text: 'Report: all quiet' });
    return;
  }
  await ack();
  const posted = await web.chat.postMessage({ channel: body.channel_id, text: `${body.text}: which version?` });
  const order = { service: body.text, channel: posted.channel, ts: posted.ts };
  await web.views.open({
    trigger_id: body.trigger_id,
    view: { ...desk.modal, private_metadata: JSON.stringify(order) },
  });
});

async function submitted(body, ack) {
  const { view } = body;
  if (view.callback_id === 'task') {
    await ack();
    await web.chat.postMessage({ channel: body.user.id, text: `Noted: ${view.state.values.title_block.title.value}` });
    return;
  }
  const version = view.state.values.version_block.version.value;
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    await ack({ response_action: 'errors', errors: { version_block: 'Three numbers, please' } });
    return;
  }
  await ack();
  const { service, channel, ts } = JSON.parse(view.private_metadata);
  await web.chat.update({ channel, ts, text: `${service} ${version} is out`, blocks: desk.release });
}

async function clicked(body) {
  const [action] = body.actions;
  if (action.action_id === 'details') {
    await web.chat.postEphemeral({ channel: body.channel.id, user: body.user.id, text: 'Nothing broke so far' });
    return;
  }
  await fetch(body.response_url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      response_type: 'in_channel',
      replace_original: false,
      text: `<@${body.user.id}> gave it to ${action.selected_option.value}`,
    }),
  });
}

client.on('interactive', async ({ body, ack }) => {
  if (body.type === 'view_submission') {
    await submitted(body, ack);
    return;
  }
  if (body.type === 'block_suggestion') {
    const typed = body.value.toLowerCase();
    await ack({ options: desk.owners.filter((owner) => owner.text.text.toLowerCase().includes(typed)) });
    return;
  }
  await ack();
  if (body.type === 'view_closed') {
    const { service, channel, ts } = JSON.parse(body.view.private_metadata);
    await web.chat.update({ channel, ts, text: `${service}: called off` });
  } else if (body.type === 'block_actions') {
    await clicked(body);
  } else if (body.type === 'shortcut') {
    await web.views.open({ trigger_id: body.trigger_id, view: desk.task });
  } else if (body.type === 'message_action') {
    await web.chat.postMessage({
      channel: body.channel.id,
      thread_ts: body.message.ts,
      text: `Filed: ${body.message.text}`,
    });
  }
});

process.on('SIGTERM', async () => {
  await client.disconnect();
  process.exit(0);
});

client.start();
