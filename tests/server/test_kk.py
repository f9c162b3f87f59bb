import asyncio
from jupyter_mlchat.protocol.events import Notice
from jupyter_mlchat.protocol.records import ConversationId
async def test_x(connect, api, parts):
    own = ConversationId(await api.conversation())
    good = await connect(conversation=own)
    await good.until("conversation.changed")
    service = await parts.service()
    for _ in range(120):
        await service.journal.append(own, [Notice(text="x"*100000)])
    print("sockets", len(parts.sockets), [s._outbox._ended for s in parts.sockets])
    n=0
    try:
        while (e := await good.next(8)) is not None:
            n+=1
    except Exception as x: print(repr(x))
    print(n, good.connection.close_code, len(parts.sockets), good.connection.protocol, )
    await asyncio.sleep(6); print(len(parts.sockets))
    print(good.connection.read_queue)
    assert 0
