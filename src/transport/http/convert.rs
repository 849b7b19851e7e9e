//! To and from the types of the `http` crate, behind the feature of that name.

use ::http::header::{HeaderMap, HeaderName, HeaderValue};
use ::http::{Request as HttpRequest, Response as HttpResponse, StatusCode, Uri};

use super::{Body, Headers, Method, Request, Response};
use crate::error::{Error, Result};
use crate::proto::url;

impl<B: Into<Body>> From<HttpRequest<B>> for Request {
    /// An empty body of bytes or text is none. What a browser cannot send comes out as an error when it is sent.
    fn from(request: HttpRequest<B>) -> Self {
        let (parts, body) = request.into_parts();
        let mut request = Request::with_method_name(parts.method.as_str(), parts.uri.to_string());
        for (name, value) in &parts.headers {
            request = request.append_header(name.as_str(), &latin1(value));
        }
        let body = body.into();
        if body.as_bytes().is_some_and(<[u8]>::is_empty) { request } else { request.body(body) }
    }
}

impl TryFrom<Request> for HttpRequest<Vec<u8>> {
    type Error = Error;

    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) for a request that is not valid, or a body that
    /// only the browser can read.
    fn try_from(mut request: Request) -> Result<Self> {
        request.check()?;
        let body = match &request.body {
            None => Vec::new(),
            Some(body) => body
                .as_bytes()
                .ok_or_else(|| Error::invalid("a Blob or form data can only be read by the browser"))?
                .to_vec(),
        };
        let mut converted = HttpRequest::new(body);
        *converted.method_mut() = request.context.sent.asked.method.as_str().parse().map_err(unfit)?;
        *converted.uri_mut() = uri(&request.context.sent.url)?;
        *converted.headers_mut() = header_map(&request.context.sent.asked.headers)?;
        Ok(converted)
    }
}

impl Response {
    /// Reads the body and gives the response as one of the `http` crate.
    ///
    /// ```no_run
    /// # async fn example() -> pagewire::Result<()> {
    /// use pagewire::http;
    ///
    /// let response: ::http::Response<Vec<u8>> = http::get("/items").await?.into_http().await?;
    /// println!("{:?} {:?}", response.status(), response.headers());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`bytes`](Response::bytes); [`ErrorKind::Decode`](crate::ErrorKind::Decode) for a status or header that the
    /// `http` crate does not take.
    pub async fn into_http(self) -> Result<HttpResponse<Vec<u8>>> {
        let status = StatusCode::from_u16(self.status()).map_err(unfit)?;
        let headers = header_map(self.headers())?;
        let mut converted = HttpResponse::new(self.bytes().await?);
        *converted.status_mut() = status;
        *converted.headers_mut() = headers;
        Ok(converted)
    }
}

impl<B: AsRef<[u8]>> From<HttpResponse<B>> for Response {
    /// What a [`Client::transport`](super::Client::transport) answers with.
    fn from(response: HttpResponse<B>) -> Self {
        let (parts, body) = response.into_parts();
        let headers: Vec<_> =
            parts.headers.iter().map(|(name, value)| (name.as_str(), latin1(value))).collect();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Response::made(parts.status.as_u16(), &headers, body)
    }
}

impl From<Method> for ::http::Method {
    fn from(method: Method) -> Self {
        // Both take any token.
        method.as_str().parse().unwrap_or_default()
    }
}

fn header_map(headers: &Headers) -> Result<HeaderMap> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers.iter() {
        let bytes: Vec<u8> = value.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(unfit)?;
        map.append(name, HeaderValue::from_bytes(&bytes).map_err(unfit)?);
    }
    Ok(map)
}

/// Browsers give and take the bytes of a value as the characters of the same numbers.
fn latin1(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|byte| char::from(*byte)).collect()
}

/// A URL with its host, or a path: the `http` crate reads anything else as something else, and knows no fragments.
fn uri(address: &str) -> Result<Uri> {
    let address = url::strip_fragment(address);
    let is_whole = address.starts_with('/') && !address.starts_with("//") || url::is_absolute(address);
    let uri = is_whole.then(|| address.parse().ok()).flatten();
    uri.ok_or_else(|| {
        Error::invalid("the http crate takes a whole URL or a path from the root").with_url(address)
    })
}

fn unfit(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::decode("the http crate does not take this").with_source(error)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn a_request_goes_there_and_back() {
        let request =
            super::super::post("/items?a=1").append_header("x-a", "1").append_header("x-a", "ü").body("text");
        let there: HttpRequest<Vec<u8>> = request.try_into().unwrap();
        assert_eq!((there.method().as_str(), there.uri().to_string().as_str()), ("POST", "/items?a=1"));
        assert_eq!(there.headers().get_all("x-a").iter().count(), 2);
        let back = Request::from(there);
        assert_eq!((back.method(), back.url()), (&Method::POST, "/items?a=1"));
        assert_eq!(back.headers().get_all("x-a").collect::<Vec<_>>(), ["1", "ü"]);
        assert_eq!(back.body_bytes(), Some(&b"text"[..]));
    }

    #[test]
    fn a_get_without_a_body_stays_without_one() {
        let request = HttpRequest::get("/x").body(String::new()).unwrap();
        assert!(Request::from(request).check().is_ok());
    }

    #[test]
    fn a_response_goes_there_and_back() {
        let response = HttpResponse::builder().status(404).header("x-a", "1").body("gone").unwrap();
        let response = Response::from(response);
        assert_eq!((response.status(), response.header("X-A")), (404, Some("1")));
        let mut there = Box::pin(response.into_http());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(Ok(there)) = there.as_mut().poll(&mut context) else {
            panic!("a response in memory is read at once");
        };
        assert_eq!((there.status().as_u16(), there.body().as_slice()), (404, &b"gone"[..]));
    }
}
