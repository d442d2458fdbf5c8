-- Asks Portcullis whether a request may pass, for HAProxy 2.6 or newer: `http-request lua.portcullis`.
--
-- Whatever goes wrong is a no: without an answer the client gets 503, and nothing reaches the application.

local sidecar = "http://127.0.0.1:9000/sidecar/haproxy"
local timeout_ms = 5000

-- They belong to the client's connection or body, or are said anew below. Upgrade would ask Portcullis to switch.
local not_asked = {
    ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["host"] = true,
    ["keep-alive"] = true, ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true,
    ["transfer-encoding"] = true, ["upgrade"] = true,
    ["x-forwarded-method"] = true, ["x-forwarded-uri"] = true, ["x-forwarded-host"] = true,
}
-- HAProxy frames its answer itself.
local not_answered = {
    ["connection"] = true, ["content-length"] = true, ["keep-alive"] = true, ["transfer-encoding"] = true,
}

local function values(list)
    local found = {}
    for index = 0, #list do
        if list[index] ~= nil then
            found[#found + 1] = list[index]
        end
    end
    return found
end

local function first(headers, name)
    local list = headers[name]
    return list and values(list)[1]
end

local function set_or_remove(txn, name, value)
    txn.http:req_del_header(name)
    if value ~= nil and value ~= "" then
        txn.http:req_add_header(name, value)
    end
end

local function refuse(txn, response)
    local reply = txn:reply()
    if response == nil then
        reply:set_status(503)
        reply:add_header("cache-control", "no-store")
        reply:add_header("retry-after", "1")
    else
        reply:set_status(response.status, response.reason)
        for name, list in pairs(response.headers) do
            if not not_answered[name] then
                for _, value in ipairs(values(list)) do
                    reply:add_header(name, value)
                end
            end
        end
        if response.body ~= nil and txn.f:method() ~= "HEAD" then
            reply:set_body(response.body)
        end
    end
    txn:done(reply)
end

core.register_action("portcullis", { "http-req" }, function(txn)
    local headers = {}
    local hosts = 0
    for name, list in pairs(txn.http:req_get_headers()) do
        if name == "host" then
            hosts = #values(list)
        elseif not not_asked[name] then
            headers[name] = values(list)
        end
    end
    if hosts ~= 1 then
        return refuse(txn, nil)
    end
    headers["x-forwarded-method"] = { txn.f:method() }
    headers["x-forwarded-uri"] = { txn.f:pathq() }
    headers["x-forwarded-host"] = { txn.f:req_fhdr("host") }

    local ok, response = pcall(function()
        return core.httpclient():get { url = sidecar, headers = headers, timeout = timeout_ms }
    end)
    if not ok or response == nil or response.status == nil or response.status < 200 then
        return refuse(txn, nil)
    end
    if response.status ~= 200 then
        return refuse(txn, response)
    end

    set_or_remove(txn, "x-userinfo", first(response.headers, "x-userinfo"))
    -- The token of a route with tokenCache; nothing elsewhere.
    set_or_remove(txn, "x-authkey", first(response.headers, "x-authkey"))
    set_or_remove(txn, "x-request-id", first(response.headers, "x-request-id"))
    -- Without the cookie of the session.
    set_or_remove(txn, "cookie", first(response.headers, "cookie"))
    -- Leave this line out where the route says keepAuthorization.
    txn.http:req_del_header("authorization")
    txn:set_var("txn.portcullis_yes", 1)
    local renewed = first(response.headers, "set-cookie")
    if renewed ~= nil then
        txn:set_var("txn.portcullis_cookie", renewed)
    end
end)
